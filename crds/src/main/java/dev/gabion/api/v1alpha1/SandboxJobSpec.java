// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What is to run, and within which walls and limits. Frozen once started, but for suspend, cancel and the TTL. */
@ApiType
@ValidationRule(
        value = "!has(oldSelf.cancel) || !oldSelf.cancel || (has(self.cancel) && self.cancel)",
        message = "cancel cannot be taken back",
        reason = Cel.INVALID)
@ValidationRule(
        value = "!has(self.args) || self.args.map(a, size(a)).sum() <= 65536",
        message = "args together may have at most 65536 characters; give long input as stdin or a file",
        reason = Cel.INVALID)
@ValidationRule(
        value = "!has(self.outputs) || self.outputs.all(p, !p.startsWith('/') && !p.matches('(^|/)[.][.](/|$)'))",
        message = "outputs must be relative paths or globs without a '..' segment",
        reason = Cel.INVALID)
public record SandboxJobSpec(
        @Required
        @Size(min = 1, max = 63)
        @Pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
        @JsonPropertyDescription("Name of a SandboxRuntime (kubectl get sandboxruntimes), 1 to 63 characters.")
        String runtime,

        @Required
        @JsonPropertyDescription("Where the program comes from: exactly one of inline, configMapRef and secretRef.")
        Source source,

        @Size(max = 128)
        @JsonPropertyDescription(
                "Arguments of the program, appended to the runtime's command; up to 128 of up to 4096 characters, together at most 65536."
                        + " Default: none.")
        List<@Size(max = 4096) @Pattern(Cel.NO_NUL) String> args,

        @Size(max = 64)
        @JsonPropertyDescription(
                "Environment variables of the guest, up to 64. The guest sees these, the runtime's and PATH, HOME,"
                        + " TMPDIR and LANG, nothing else. Default: none.")
        List<EnvVar> env,

        @Size(max = 262144)
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @JsonPropertyDescription("Text on the program's standard input, up to 262144 characters. Default: empty.")
        @Nullable
        String stdin,

        @Size(max = 32)
        @JsonPropertyDescription(
                "Files to keep from the guest's work directory, up to 32 relative paths or globs (*, ? and [abc], never across a '/')."
                        + " Default: none.")
        List<@Size(min = 1, max = 256) @Pattern("^[^\\x00-\\x1f]*$") String> outputs,

        @JsonPropertyDescription("The walls around the guest. Default: level Process with the runtime's first profile.")
        @Nullable
        Isolation isolation,

        @JsonPropertyDescription(
                "What the guest may use. Default: the runtime's defaults; the runtime's maximum is never exceeded.")
        @Nullable
        Limits limits,

        @Default("3")
        @Min(1)
        @Max(10)
        @JsonPropertyDescription(
                "Attempts when the infrastructure fails (pod lost, evicted, image missing), 1 to 10. A guest that"
                        + " fails is a verdict and is never tried again. Default 3.")
        @Nullable
        Integer maxAttempts,

        @Min(0)
        @Max(31_536_000)
        @JsonPropertyDescription(
                "Seconds after the end at which the job and all of it is deleted, 0 to 31536000. Default: kept.")
        @Nullable
        Integer ttlSecondsAfterFinished,

        @Default("false")
        @JsonPropertyDescription(
                "true: the job waits, and no pod is made for it. Has no effect on an attempt that runs. Default"
                        + " false.")
        @Nullable
        Boolean suspend,

        @Default("false")
        @JsonPropertyDescription(
                "true: the job ends with the verdict Cancelled, and its guest with it. Cannot be taken back."
                        + " Default false.")
        @Nullable
        Boolean cancel) {

    /** Attempts where {@link #maxAttempts} is absent. */
    public static final int DEFAULT_MAX_ATTEMPTS = 3;

    public SandboxJobSpec {
        args = Copies.of(args);
        env = Copies.of(env);
        outputs = Copies.of(outputs);
    }

    /** The isolation, the default where none is given. */
    public Isolation isolationOrDefault() {
        return isolation == null ? Isolation.DEFAULT : isolation;
    }

    /** The limits the job asks for, none where it asks for none. */
    public Limits limitsOrNone() {
        return limits == null ? Limits.NONE : limits;
    }

    /** The attempts, the default where no number is given. */
    public int maxAttemptsOrDefault() {
        return maxAttempts == null ? DEFAULT_MAX_ATTEMPTS : maxAttempts;
    }

    /** Whether the job waits. */
    @JsonIgnore
    public boolean isSuspended() {
        return Boolean.TRUE.equals(suspend);
    }

    /** Whether the job is to end. */
    @JsonIgnore
    public boolean isCancelled() {
        return Boolean.TRUE.equals(cancel);
    }

    /** A builder with nothing set. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder with everything as here. */
    public Builder toBuilder() {
        return new Builder()
                .runtime(runtime)
                .source(source)
                .args(args)
                .env(env)
                .stdin(stdin)
                .outputs(outputs)
                .isolation(isolation)
                .limits(limits)
                .maxAttempts(maxAttempts)
                .ttlSecondsAfterFinished(ttlSecondsAfterFinished)
                .suspend(suspend)
                .cancel(cancel);
    }

    /** Builds a {@link SandboxJobSpec}; what is not set is absent. */
    public static final class Builder {
        private @Nullable String runtime;
        private @Nullable Source source;
        private List<String> args = List.of();
        private List<EnvVar> env = List.of();
        private @Nullable String stdin;
        private List<String> outputs = List.of();
        private @Nullable Isolation isolation;
        private @Nullable Limits limits;
        private @Nullable Integer maxAttempts;
        private @Nullable Integer ttlSecondsAfterFinished;
        private @Nullable Boolean suspend;
        private @Nullable Boolean cancel;

        private Builder() {}

        public Builder runtime(String runtime) {
            this.runtime = runtime;
            return this;
        }

        public Builder source(Source source) {
            this.source = source;
            return this;
        }

        public Builder args(List<String> args) {
            this.args = args;
            return this;
        }

        public Builder env(List<EnvVar> env) {
            this.env = env;
            return this;
        }

        public Builder stdin(@Nullable String stdin) {
            this.stdin = stdin;
            return this;
        }

        public Builder outputs(List<String> outputs) {
            this.outputs = outputs;
            return this;
        }

        public Builder isolation(@Nullable Isolation isolation) {
            this.isolation = isolation;
            return this;
        }

        public Builder limits(@Nullable Limits limits) {
            this.limits = limits;
            return this;
        }

        public Builder maxAttempts(@Nullable Integer maxAttempts) {
            this.maxAttempts = maxAttempts;
            return this;
        }

        public Builder ttlSecondsAfterFinished(@Nullable Integer ttlSecondsAfterFinished) {
            this.ttlSecondsAfterFinished = ttlSecondsAfterFinished;
            return this;
        }

        public Builder suspend(@Nullable Boolean suspend) {
            this.suspend = suspend;
            return this;
        }

        public Builder cancel(@Nullable Boolean cancel) {
            this.cancel = cancel;
            return this;
        }

        /** The record; fails where a required field was not set. */
        public SandboxJobSpec build() {
            return new SandboxJobSpec(
                    Objects.requireNonNull(runtime, "runtime"),
                    Objects.requireNonNull(source, "source"),
                    args,
                    env,
                    stdin,
                    outputs,
                    isolation,
                    limits,
                    maxAttempts,
                    ttlSecondsAfterFinished,
                    suspend,
                    cancel);
        }
    }
}
