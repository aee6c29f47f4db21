// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A profile of the guest's system calls that is not shipped; the fields are those of the OCI runtime specification. */
@ApiType
@ValidationRule(
        value = "!(self.name in [" + SeccompProfiles.SHIPPED_WORDS + "])",
        message = "name must not be that of a shipped profile: " + SeccompProfiles.SHIPPED_WORDS,
        reason = Cel.INVALID)
@ValidationRule(
        value = "has(self.extends) != has(self.defaultAction)",
        message = "exactly one of extends and defaultAction must be given",
        reason = Cel.INVALID)
@ValidationRule(
        value = "!has(self.defaultAction) || self.defaultAction != 'SCMP_ACT_ALLOW'",
        message = "defaultAction must be SCMP_ACT_ERRNO or SCMP_ACT_NOTIFY: what is not listed is never allowed",
        reason = Cel.INVALID)
public record CustomSeccompProfile(
        @Required
        @Size(min = 1, max = 63)
        @Pattern("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$")
        @JsonPropertyDescription("Name by which seccompProfiles lists it, 1 to 63 lower-case letters, digits and"
                + " '-'; not that of a shipped profile.")
        String name,

        @Size(max = 1024) @JsonPropertyDescription("For people, up to 1024 characters. Default: none.") @Nullable
        String comment,

        @JsonProperty("extends")
        @Size(min = 1, max = 63)
        @Pattern("^(default|python|python-scientific|node|bash|c)$")
        @JsonPropertyDescription("Shipped profile whose entries follow this one's, so that this is an addition to it:"
                + " default, python, python-scientific, node, bash or c. Exactly one of extends and defaultAction.")
        @Nullable
        String base,

        @JsonPropertyDescription("Answer to every call that is not listed, of a profile that extends none:"
                + " SCMP_ACT_NOTIFY (a violation: the guest ends and the verdict names the call) or"
                + " SCMP_ACT_ERRNO (refused). Exactly one of extends and defaultAction.")
        @Nullable
        SeccompAction defaultAction,

        @Min(1)
        @Max(4095)
        @JsonPropertyDescription("Error number of defaultAction SCMP_ACT_ERRNO, 1 to 4095. Default: 1, EPERM.")
        @Nullable
        Integer defaultErrnoRet,

        @Required
        @Size(max = 32)
        @JsonPropertyDescription("Entries, up to 32. Of several for one call the first whose args all match decides.")
        List<SeccompRule> syscalls) {

    public CustomSeccompProfile {
        syscalls = Copies.of(syscalls);
    }

    /** The same under another name. */
    public CustomSeccompProfile named(String other) {
        return new CustomSeccompProfile(other, comment, base, defaultAction, defaultErrnoRet, syscalls);
    }
}
