// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.runner;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.gabion.api.v1alpha1.ControlName;
import dev.gabion.api.v1alpha1.CustomSeccompProfile;
import dev.gabion.api.v1alpha1.EnvVar;
import dev.gabion.api.v1alpha1.IsolationLevel;
import dev.gabion.api.v1alpha1.ResolvedLimits;
import dev.gabion.api.v1alpha1.SeccompProfiles;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One attempt at one job, with nothing left to decide: every default filled in, every limit resolved. The operator
 * writes it to {@link #PLAN_FILE} of the pod; the command line builds it from flags.
 *
 * @param version {@link #VERSION}; a runner refuses another
 * @param namespace the job's namespace, empty outside a cluster
 * @param name the job's name
 * @param uid the job's uid; results carry it back, so that a late result of another job is refused
 * @param attempt 1 for the first
 * @param program the runtime's part
 * @param files the program's files; empty: every file of the source folder, under its own name, and the program is the
 *     runtime's {@code fileName}. Else the first is the program
 * @param args the job's arguments
 * @param env the job's variables
 * @param stdin the guest's standard input; null: empty
 * @param outputs paths or globs of files to keep, relative to the work directory
 * @param isolation the level
 * @param runtimeClassName set where the pod runs under a RuntimeClass
 * @param seccompProfile name of the guest's profile: a shipped one, or that of customSeccompProfile
 * @param customSeccompProfile the profile itself where it is not a shipped one
 * @param limits all limits
 * @param requiredControls controls without which the guest must not start
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record JobPlan(
        int version,
        String namespace,
        String name,
        String uid,
        int attempt,
        PlanProgram program,
        List<PlanFile> files,
        List<String> args,
        List<EnvVar> env,
        @Nullable String stdin,
        List<String> outputs,
        IsolationLevel isolation,
        @Nullable String runtimeClassName,
        String seccompProfile,
        @Nullable CustomSeccompProfile customSeccompProfile,
        ResolvedLimits limits,
        List<ControlName> requiredControls) {

    /** The version of this contract. */
    public static final int VERSION = 1;

    /** Where the pod's runner finds the plan. */
    public static final String PLAN_FILE = "/gabion/plan/plan.json";

    /** Where the pod's runner finds the program's files. */
    public static final String SOURCE_DIRECTORY = "/gabion/source";

    /** Where the pod's runner may write (an emptyDir): artefacts of the compile step. */
    public static final String SCRATCH_DIRECTORY = "/gabion/scratch";

    /** What a pod needs beyond the guest's memory and scratch: the JVM and the launcher, measured. */
    public static final long RUNNER_OVERHEAD_BYTES = 160L * 1024 * 1024;

    public JobPlan(
            int version,
            @Nullable String namespace,
            String name,
            String uid,
            int attempt,
            PlanProgram program,
            @Nullable List<PlanFile> files,
            @Nullable List<String> args,
            @Nullable List<EnvVar> env,
            @Nullable String stdin,
            @Nullable List<String> outputs,
            @Nullable IsolationLevel isolation,
            @Nullable String runtimeClassName,
            @Nullable String seccompProfile,
            @Nullable CustomSeccompProfile customSeccompProfile,
            ResolvedLimits limits,
            @Nullable List<ControlName> requiredControls) {
        this.version = version;
        this.namespace = namespace == null ? "" : namespace;
        this.name = name;
        this.uid = uid;
        this.attempt = attempt;
        this.program = program;
        this.files = copy(files);
        this.args = copy(args);
        this.env = copy(env);
        this.stdin = stdin;
        this.outputs = copy(outputs);
        this.isolation = isolation == null ? IsolationLevel.Process : isolation;
        this.runtimeClassName = runtimeClassName;
        this.seccompProfile = seccompProfile == null ? SeccompProfiles.DEFAULT : seccompProfile;
        this.customSeccompProfile = customSeccompProfile;
        this.limits = limits;
        this.requiredControls = copy(requiredControls);
    }

    private static <T> List<T> copy(@Nullable List<T> list) {
        return list == null ? List.of() : List.copyOf(list);
    }

    /** As JSON, the same bytes for the same plan. */
    public byte[] toJson() {
        return RunnerJson.write(this);
    }

    /**
     * Reads {@link #PLAN_FILE}.
     *
     * @throws IllegalArgumentException when it is not a plan, or one of another version
     */
    public static JobPlan fromJson(byte[] json) {
        JobPlan plan = RunnerJson.read(json, JobPlan.class);
        RunnerJson.require(plan.name, "name");
        RunnerJson.require(plan.uid, "uid");
        RunnerJson.require(plan.program, "program");
        RunnerJson.require(plan.limits, "limits");
        if (plan.version != VERSION) {
            throw new IllegalArgumentException(
                    "the plan is of version " + plan.version + ", this runner reads " + VERSION);
        }
        return plan;
    }
}
