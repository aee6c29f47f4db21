// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Toleration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** How the runtime's programs are run, and what they may use at most. */
@ApiType
@ValidationRule(
        value = "self.command[0].startsWith('/') || self.command[0] == '{out}'",
        message = "command must begin with an absolute path or {out}",
        reason = Cel.INVALID)
@ValidationRule(
        value = "self.command.exists(w, w.contains('{file}') || w.contains('{dir}') || w.contains('{out}'))",
        message = "command must name the program by {file}, {dir} or {out}",
        reason = Cel.INVALID)
@ValidationRule(
        value = "has(self.compile) || !self.command.exists(w, w.contains('{out}'))",
        message = "command can use {out} only with a compile step that builds it",
        reason = Cel.INVALID)
@ValidationRule(
        value = "has(self.compile) || ((!has(self.defaults) || !has(self.defaults.compile)) && (!has(self.maximum) ||"
                + " !has(self.maximum.compile)))",
        message = "defaults.compile and maximum.compile need a compile step",
        reason = Cel.INVALID)
@ValidationRule(
        value = "!has(self.seccompProfiles) || self.seccompProfiles.all(p, p in [" + SeccompProfiles.SHIPPED_WORDS
                + "] || (has(self.customSeccompProfiles) && self.customSeccompProfiles.exists(c, c.name == p)))",
        message = "seccompProfiles must name shipped profiles (" + SeccompProfiles.SHIPPED_WORDS
                + ") or such of customSeccompProfiles",
        reason = Cel.INVALID)
public record SandboxRuntimeSpec(
        @Size(max = 63)
        @JsonPropertyDescription(
                "Name for people, up to 63 characters, such as \"Python\". Default: the resource's name.")
        @Nullable
        String displayName,

        @Size(max = 63)
        @JsonPropertyDescription("Version of the language for people, up to 63 characters. Default: none shown.")
        @Nullable
        String version,

        @Required
        @Size(min = 1, max = 512)
        @Pattern("^[^\\s]+$")
        @JsonPropertyDescription("Image of the runner with the interpreter in it, 1 to 512 characters.")
        String image,

        @Default("IfNotPresent")
        @JsonPropertyDescription("When the image is pulled: Always, IfNotPresent or Never. Default IfNotPresent.")
        @Nullable
        ImagePullPolicy imagePullPolicy,

        @Size(max = 16)
        @JsonPropertyDescription("Names of pull secrets in the job's namespace, up to 16. Default: none.")
        List<@Size(min = 1, max = 253) String> imagePullSecrets,

        @Required
        @Size(min = 1, max = 128)
        @Pattern("^[A-Za-z0-9_][A-Za-z0-9._-]*$")
        @JsonPropertyDescription(
                "Plain name of the program's file in the work directory, such as main.py, 1 to 128 characters.")
        String fileName,

        @Required
        @Size(min = 1, max = 64)
        @JsonPropertyDescription(
                "Command with its arguments, 1 to 64 of up to 4096 characters; the job's args follow. {file} is the"
                        + " program's path, {dir} the work directory, {out} the path of what the compile step built.")
        List<@Size(max = 4096) @Pattern(Cel.NO_NUL) String> command,

        @JsonPropertyDescription("A step before the run, in the same sandbox. Default: none.") @Nullable
        CompileStep compile,

        @JsonPropertyDescription("Limits of a job that says nothing. Default: the platform's, told with each.")
        @Nullable
        Limits defaults,

        @JsonPropertyDescription(
                "What no job may exceed. Default: per limit its default, so that nothing may exceed it.")
        @Nullable
        Limits maximum,

        @Size(max = 16)
        @JsonPropertyDescription(
                "System-call profiles of the guest that a job may choose, up to 16; the first is the default. Each is"
                        + " shipped (default, python, python-scientific, node, bash, c) or one of customSeccompProfiles."
                        + " Default: [default].")
        List<@Size(min = 1, max = 63) @Pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$") String> seccompProfiles,

        @Size(max = 8)
        @JsonPropertyDescription("Profiles beside the shipped ones, up to 8; a job may choose one when"
                + " seccompProfiles lists it. Default: none.")
        List<CustomSeccompProfile> customSeccompProfiles,

        @Size(max = 64)
        @JsonPropertyDescription(
                "Controls that are required beside those of the job's isolation level, up to 64. Without a required"
                        + " control no guest starts: the job fails as InternalError and says which. A level requires all"
                        + " its controls but CgroupMemory, NetworkPolicy, NoApiServer, NoClusterDns and, at level Process,"
                        + " Landlock: these depend on kernel and network plugin and are only reported where they are not"
                        + " named here. What a level or a RuntimeClass has not is not required of it, named or not."
                        + " Default: none.")
        List<ControlName> requiredControls,

        @Default("None")
        @JsonPropertyDescription(
                "Whether the guest has a /proc. Private needs a namespace whose Pod Security allows procMount"
                        + " Unmasked. Default None.")
        @Nullable
        ProcMount proc,

        @Size(max = 64)
        @JsonPropertyDescription(
                "Environment variables of every guest of this runtime, up to 64; a job's own win. Default: none.")
        List<EnvVar> env,

        @JsonPropertyDescription("Labels a node must have to run this runtime's pods. Default: none.")
        Map<String, String> nodeSelector,

        @Size(max = 16) @JsonPropertyDescription("Tolerations of this runtime's pods, up to 16. Default: none.")
        List<Toleration> tolerations) {

    public SandboxRuntimeSpec {
        imagePullSecrets = Copies.of(imagePullSecrets);
        command = Copies.of(command);
        seccompProfiles = Copies.of(seccompProfiles);
        customSeccompProfiles = Copies.of(customSeccompProfiles);
        requiredControls = Copies.of(requiredControls);
        env = Copies.of(env);
        nodeSelector = Copies.of(nodeSelector);
        tolerations = Copies.of(tolerations);
    }

    /** The profiles a job may name, never empty; the first is the default. */
    public List<String> seccompProfilesOrDefault() {
        return seccompProfiles.isEmpty() ? List.of(SeccompProfiles.DEFAULT) : seccompProfiles;
    }

    /** Whether the guest has a /proc, the default where nothing is said. */
    public ProcMount procOrDefault() {
        return proc == null ? ProcMount.None : proc;
    }

    /** A builder with nothing set. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder with everything as here. */
    public Builder toBuilder() {
        return new Builder()
                .displayName(displayName)
                .version(version)
                .image(image)
                .imagePullPolicy(imagePullPolicy)
                .imagePullSecrets(imagePullSecrets)
                .fileName(fileName)
                .command(command)
                .compile(compile)
                .defaults(defaults)
                .maximum(maximum)
                .seccompProfiles(seccompProfiles)
                .customSeccompProfiles(customSeccompProfiles)
                .requiredControls(requiredControls)
                .proc(proc)
                .env(env)
                .nodeSelector(nodeSelector)
                .tolerations(tolerations);
    }

    /** Builds a {@link SandboxRuntimeSpec}; what is not set is absent. */
    public static final class Builder {
        private @Nullable String displayName;
        private @Nullable String version;
        private @Nullable String image;
        private @Nullable ImagePullPolicy imagePullPolicy;
        private List<String> imagePullSecrets = List.of();
        private @Nullable String fileName;
        private List<String> command = List.of();
        private @Nullable CompileStep compile;
        private @Nullable Limits defaults;
        private @Nullable Limits maximum;
        private List<String> seccompProfiles = List.of();
        private List<CustomSeccompProfile> customSeccompProfiles = List.of();
        private List<ControlName> requiredControls = List.of();
        private @Nullable ProcMount proc;
        private List<EnvVar> env = List.of();
        private Map<String, String> nodeSelector = Map.of();
        private List<Toleration> tolerations = List.of();

        private Builder() {}

        public Builder displayName(@Nullable String displayName) {
            this.displayName = displayName;
            return this;
        }

        public Builder version(@Nullable String version) {
            this.version = version;
            return this;
        }

        public Builder image(String image) {
            this.image = image;
            return this;
        }

        public Builder imagePullPolicy(@Nullable ImagePullPolicy imagePullPolicy) {
            this.imagePullPolicy = imagePullPolicy;
            return this;
        }

        public Builder imagePullSecrets(List<String> imagePullSecrets) {
            this.imagePullSecrets = imagePullSecrets;
            return this;
        }

        public Builder fileName(String fileName) {
            this.fileName = fileName;
            return this;
        }

        public Builder command(List<String> command) {
            this.command = command;
            return this;
        }

        public Builder compile(@Nullable CompileStep compile) {
            this.compile = compile;
            return this;
        }

        public Builder defaults(@Nullable Limits defaults) {
            this.defaults = defaults;
            return this;
        }

        public Builder maximum(@Nullable Limits maximum) {
            this.maximum = maximum;
            return this;
        }

        public Builder seccompProfiles(List<String> seccompProfiles) {
            this.seccompProfiles = seccompProfiles;
            return this;
        }

        public Builder customSeccompProfiles(List<CustomSeccompProfile> customSeccompProfiles) {
            this.customSeccompProfiles = customSeccompProfiles;
            return this;
        }

        public Builder requiredControls(List<ControlName> requiredControls) {
            this.requiredControls = requiredControls;
            return this;
        }

        public Builder proc(@Nullable ProcMount proc) {
            this.proc = proc;
            return this;
        }

        public Builder env(List<EnvVar> env) {
            this.env = env;
            return this;
        }

        public Builder nodeSelector(Map<String, String> nodeSelector) {
            this.nodeSelector = nodeSelector;
            return this;
        }

        public Builder tolerations(List<Toleration> tolerations) {
            this.tolerations = tolerations;
            return this;
        }

        /** The record; fails where a required field was not set. */
        public SandboxRuntimeSpec build() {
            return new SandboxRuntimeSpec(
                    displayName,
                    version,
                    Objects.requireNonNull(image, "image"),
                    imagePullPolicy,
                    imagePullSecrets,
                    Objects.requireNonNull(fileName, "fileName"),
                    command,
                    compile,
                    defaults,
                    maximum,
                    seccompProfiles,
                    customSeccompProfiles,
                    requiredControls,
                    proc,
                    env,
                    nodeSelector,
                    tolerations);
        }
    }
}
