// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One entry of a profile: for these calls, when all args match, this answer. */
@ApiType
@ValidationRule(
        value = "self.action != 'SCMP_ACT_ALLOW' || !self.names.exists(n, n in [" + SeccompProfiles.NEVER_ALLOWED_WORDS
                + "])",
        message = "names must not hold a call that no profile may allow, such as mount, ptrace, unshare, bpf;"
                + " docs/security.md lists them",
        reason = Cel.INVALID)
@ValidationRule(
        value = "self.action == 'SCMP_ACT_ALLOW' || !self.names.exists(n, n in [" + SeccompProfiles.ALWAYS_ALLOWED_WORDS
                + "])",
        message = "names must not hold a call that every guest needs to start: " + SeccompProfiles.ALWAYS_ALLOWED_WORDS
                + "; these can only be allowed",
        reason = Cel.INVALID)
public record SeccompRule(
        @Size(max = 1024) @JsonPropertyDescription("For people, up to 1024 characters. Default: none.") @Nullable
        String comment,

        @Required
        @Size(min = 1, max = 128)
        @JsonPropertyDescription("Names of system calls, 1 to 128 of 1 to 32 characters.")
        List<@Size(min = 1, max = 32) @Pattern("^[a-z_][a-z0-9_]*$") String> names,

        @Required
        @JsonPropertyDescription("SCMP_ACT_ALLOW; SCMP_ACT_ERRNO (refused with errnoRet); SCMP_ACT_NOTIFY (a"
                + " violation: the guest ends and the verdict names the call).")
        SeccompAction action,

        @Min(1)
        @Max(4095)
        @JsonPropertyDescription("Error number of SCMP_ACT_ERRNO, 1 to 4095. Default: 1, EPERM.")
        @Nullable
        Integer errnoRet,

        @Size(max = 6)
        @JsonPropertyDescription("Conditions on arguments, up to 6, which must all match. Default: none, every call.")
        List<SeccompArg> args) {

    public SeccompRule {
        names = Copies.of(names);
        args = Copies.of(args);
    }
}
