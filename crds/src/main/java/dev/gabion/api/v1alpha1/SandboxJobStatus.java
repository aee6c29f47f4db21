// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What became of the job. */
@ApiType
public record SandboxJobStatus(
        @Min(0) @JsonPropertyDescription("The generation of the spec this status speaks of.") @Nullable
        Long observedGeneration,

        @Size(max = 32)
        @JsonPropertyDescription(
                "One word for a table, such as Queued, Running or Finished. For people: programs read the"
                        + " conditions.")
        @Nullable
        String phase,

        @Size(max = 16)
        @JsonPropertyDescription(
                "Started: a pod was made, the spec is frozen. Complete: there is a verdict about the guest. Failed:"
                        + " the infrastructure failed the job. NamespaceReady: the namespace enforces Pod Security"
                        + " restricted.")
        List<Condition> conditions,

        @JsonPropertyDescription("How the guest ended. Set once, never changed.") @Nullable
        Verdict verdict,

        @Size(max = 16)
        @JsonPropertyDescription("Why the verdict is what it is: the first is the cause, those after it led there.")
        List<Reason> reasons,

        @Min(0) @Max(255) @JsonPropertyDescription("The guest's exit code, 0 to 255, where it exited.") @Nullable
        Integer exitCode,

        @Size(max = 16)
        @JsonPropertyDescription("The signal that ended the guest, such as SIGSEGV, where one did.")
        @Nullable
        String signal,

        @Size(max = 32) @JsonPropertyDescription("Limits the guest met as an error, whether or not it survived.")
        List<LimitHit> limitsHit,

        @JsonPropertyDescription("What the guest used.") @Nullable
        Usage usage,

        @Size(max = 64) @JsonPropertyDescription("The walls around the guest, each as its probe found it.")
        List<Control> controls,

        @JsonPropertyDescription("What the guest wrote, and where the whole of it is.") @Nullable
        Output output,

        @Size(max = 256) @JsonPropertyDescription("The files the job asked to keep.")
        List<OutputFile> outputs,

        @Min(0) @JsonPropertyDescription("Attempts begun so far.") @Nullable
        Integer attempts,

        @Size(max = 10) @JsonPropertyDescription("Each attempt and how it ended.")
        List<AttemptRecord> attemptRecords,

        @Size(max = 253) @JsonPropertyDescription("Pod of the latest attempt.") @Nullable
        String podName,

        @Size(max = 32)
        @JsonPropertyDescription(
                "Place in the namespace's queue in coarse steps, such as \"next\", \"<= 10\" or \"> 100\".")
        @Nullable
        String queuePosition,

        @Size(max = 64) @JsonPropertyDescription("When the first attempt was begun, RFC 3339.") @Nullable
        String startTime,

        @Size(max = 64) @JsonPropertyDescription("When the job ended, RFC 3339.") @Nullable
        String completionTime,

        @JsonPropertyDescription("The limits as they apply to this job.") @Nullable
        ResolvedLimits effectiveLimits) {

    /** Nothing known yet. */
    public static final SandboxJobStatus EMPTY = builder().build();

    public SandboxJobStatus {
        conditions = Copies.of(conditions);
        reasons = Copies.of(reasons);
        limitsHit = Copies.of(limitsHit);
        controls = Copies.of(controls);
        outputs = Copies.of(outputs);
        attemptRecords = Copies.of(attemptRecords);
    }

    /** A builder with nothing set. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder with everything as here. */
    public Builder toBuilder() {
        return new Builder()
                .observedGeneration(observedGeneration)
                .phase(phase)
                .conditions(conditions)
                .verdict(verdict)
                .reasons(reasons)
                .exitCode(exitCode)
                .signal(signal)
                .limitsHit(limitsHit)
                .usage(usage)
                .controls(controls)
                .output(output)
                .outputs(outputs)
                .attempts(attempts)
                .attemptRecords(attemptRecords)
                .podName(podName)
                .queuePosition(queuePosition)
                .startTime(startTime)
                .completionTime(completionTime)
                .effectiveLimits(effectiveLimits);
    }

    /** Builds a {@link SandboxJobStatus}; what is not set is absent. */
    public static final class Builder {
        private @Nullable Long observedGeneration;
        private @Nullable String phase;
        private List<Condition> conditions = List.of();
        private @Nullable Verdict verdict;
        private List<Reason> reasons = List.of();
        private @Nullable Integer exitCode;
        private @Nullable String signal;
        private List<LimitHit> limitsHit = List.of();
        private @Nullable Usage usage;
        private List<Control> controls = List.of();
        private @Nullable Output output;
        private List<OutputFile> outputs = List.of();
        private @Nullable Integer attempts;
        private List<AttemptRecord> attemptRecords = List.of();
        private @Nullable String podName;
        private @Nullable String queuePosition;
        private @Nullable String startTime;
        private @Nullable String completionTime;
        private @Nullable ResolvedLimits effectiveLimits;

        private Builder() {}

        public Builder observedGeneration(@Nullable Long observedGeneration) {
            this.observedGeneration = observedGeneration;
            return this;
        }

        public Builder phase(@Nullable String phase) {
            this.phase = phase;
            return this;
        }

        public Builder conditions(List<Condition> conditions) {
            this.conditions = conditions;
            return this;
        }

        public Builder verdict(@Nullable Verdict verdict) {
            this.verdict = verdict;
            return this;
        }

        public Builder reasons(List<Reason> reasons) {
            this.reasons = reasons;
            return this;
        }

        public Builder exitCode(@Nullable Integer exitCode) {
            this.exitCode = exitCode;
            return this;
        }

        public Builder signal(@Nullable String signal) {
            this.signal = signal;
            return this;
        }

        public Builder limitsHit(List<LimitHit> limitsHit) {
            this.limitsHit = limitsHit;
            return this;
        }

        public Builder usage(@Nullable Usage usage) {
            this.usage = usage;
            return this;
        }

        public Builder controls(List<Control> controls) {
            this.controls = controls;
            return this;
        }

        public Builder output(@Nullable Output output) {
            this.output = output;
            return this;
        }

        public Builder outputs(List<OutputFile> outputs) {
            this.outputs = outputs;
            return this;
        }

        public Builder attempts(@Nullable Integer attempts) {
            this.attempts = attempts;
            return this;
        }

        public Builder attemptRecords(List<AttemptRecord> attemptRecords) {
            this.attemptRecords = attemptRecords;
            return this;
        }

        public Builder podName(@Nullable String podName) {
            this.podName = podName;
            return this;
        }

        public Builder queuePosition(@Nullable String queuePosition) {
            this.queuePosition = queuePosition;
            return this;
        }

        public Builder startTime(@Nullable String startTime) {
            this.startTime = startTime;
            return this;
        }

        public Builder completionTime(@Nullable String completionTime) {
            this.completionTime = completionTime;
            return this;
        }

        public Builder effectiveLimits(@Nullable ResolvedLimits effectiveLimits) {
            this.effectiveLimits = effectiveLimits;
            return this;
        }

        /** The record. */
        public SandboxJobStatus build() {
            return new SandboxJobStatus(
                    observedGeneration,
                    phase,
                    conditions,
                    verdict,
                    reasons,
                    exitCode,
                    signal,
                    limitsHit,
                    usage,
                    controls,
                    output,
                    outputs,
                    attempts,
                    attemptRecords,
                    podName,
                    queuePosition,
                    startTime,
                    completionTime,
                    effectiveLimits);
        }
    }
}
