// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.e2e.harness.JobYaml;
import dev.gabion.e2e.harness.Jobs;
import dev.gabion.e2e.harness.OnCluster;
import dev.gabion.e2e.harness.Scenario;
import dev.gabion.e2e.harness.Shell;
import dev.gabion.e2e.harness.TestCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Bad input gets an answer that names the field: by the API server at once, or by the operator where it must look further. */
@Order(15)
@OnCluster
class RefusalsE2E {
    /** A spec that kubectl apply must refuse, and what the answer must name. */
    record Case(String name, String spec, String names) {
        @Override
        public String toString() {
            return name;
        }
    }

    private final TestCluster cluster;
    private final Jobs jobs;

    RefusalsE2E(TestCluster cluster, Jobs jobs) {
        this.cluster = cluster;
        this.jobs = jobs;
    }

    static List<Case> cases() {
        return List.of(
                new Case("no-source", "runtime: python\nsource: {}\n", "spec.source"),
                new Case(
                        "two-sources",
                        "runtime: python\nsource: {configMapRef: {name: a}, inline: [{name: a.py, content: a}]}\n",
                        "spec.source"),
                new Case("no-attempt", JobYaml.python("print(1)", "maxAttempts: 0"), "spec.maxAttempts"),
                new Case("no-time", JobYaml.python("print(1)", "limits: {wallTimeMilliseconds: 0}"), "spec.limits"),
                new Case(
                        "unknown-level",
                        JobYaml.python("print(1)", "isolation: {level: None}"),
                        "spec.isolation.level"),
                new Case("unknown-field", JobYaml.python("print(1)", "privileged: true"), "privileged"));
    }

    @Scenario(
            name = "kubectl apply refuses a bad job and names the field",
            steps = {
                "Apply jobs without a source, with two, with no attempt, with no time, with an unknown level, with an unknown"
                        + " field"
            },
            expected = {"Each is refused, the message names the field, and no job is created"})
    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void refusedAtOnce(Case one) throws IOException {
        Path file = Files.createTempFile("gabion-refused", ".yaml");
        Files.writeString(file, JobYaml.document(one.name(), one.spec()));

        Shell.Result answer =
                cluster.tryKubectl("apply", "--validate=strict", "-n", jobs.namespace(), "-f", file.toString());

        Files.delete(file);
        assertThat(answer.exitCode()).as(answer.output()).isNotZero();
        assertThat(answer.output()).contains(one.names());
        assertThat(jobs.all().withName(one.name()).get()).isNull();
    }

    @Scenario(
            name = "A job that asks for more than its runtime allows, or for a runtime that is not there, is told so",
            steps = {"Apply a job with limits.memory: 900Gi, and one with runtime: cobol"},
            expected = {
                "InternalError is not claimed to be the guest's: the reasons name limits.memory and cobol; no pod"
            })
    @Test
    void refusedByTheOperator() {
        jobs.apply("greedy", JobYaml.python("print(1)", "limits: {memory: 900Gi}"));
        jobs.apply("cobol", JobYaml.pythonBy("cobol", "print(1)"));

        assertTold("greedy", "LimitRefused", "memory");
        assertTold("cobol", "RuntimeNotFound", "cobol");
    }

    private void assertTold(String name, String reason, String word) {
        SandboxJob told = jobs.awaitReason(name, reason, word);
        assertThat(told.getStatus().verdict()).isNull();
        assertThat(jobs.podsOf(name)).isEmpty();
    }

    @Scenario(
            name = "What was started is frozen",
            steps = {"Run a job to its end", "Change its arguments, then its time to live"},
            expected = {"The change is refused and says so; the time to live may still be set"})
    @Test
    void startedIsFrozen() {
        jobs.run("frozen", JobYaml.python("print('frozen')"));

        Shell.Result answer = cluster.tryKubectl(
                "patch",
                "sandboxjob",
                "frozen",
                "-n",
                jobs.namespace(),
                "--type=merge",
                "-p",
                "{\"spec\":{\"args\":[\"other\"]}}");

        assertThat(answer.exitCode()).as(answer.output()).isNotZero();
        assertThat(answer.output()).contains("spec.args cannot be changed once the job has started");
        cluster.kubectl(
                "patch",
                "sandboxjob",
                "frozen",
                "-n",
                jobs.namespace(),
                "--type=merge",
                "-p",
                "{\"spec\":{\"ttlSecondsAfterFinished\":600}}");
    }
}
