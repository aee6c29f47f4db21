// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** A file given in the job itself. */
@ApiType
@ValidationRule(
        value = "has(self.content) != has(self.contentBase64)",
        message = "exactly one of content and contentBase64 must be given",
        reason = Cel.INVALID)
public record SourceFile(
        @Required
        @Size(min = 1, max = 128)
        @Pattern("^[A-Za-z0-9_][A-Za-z0-9._-]*$")
        @JsonPropertyDescription(
                "Plain file name in the guest's work directory: letters, digits, '.', '_' and '-', not starting"
                        + " with '.' or '-', no '/', 1 to 128 characters. Unique within the job.")
        String name,

        @Size(max = 262144)
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @JsonPropertyDescription("The file's text, up to 262144 characters. Exactly one of content and contentBase64.")
        @Nullable
        String content,

        @Size(max = 349528)
        @Pattern("^[A-Za-z0-9+/]*={0,2}$")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @JsonPropertyDescription(
                "The file's bytes in standard base64 without line breaks, for what is not text; up to 349528"
                        + " characters (256 KiB of bytes). Exactly one of content and contentBase64.")
        @Nullable
        String contentBase64) {

    /** A text file. */
    public static SourceFile text(String name, String content) {
        return new SourceFile(name, content, null);
    }
}
