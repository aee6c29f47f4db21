// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where the program comes from: exactly one of three. */
@ApiType
@ValidationRule(
        value = "[has(self.inline), has(self.configMapRef), has(self.secretRef)].filter(given, given).size() == 1",
        message = "exactly one of inline, configMapRef and secretRef must be given",
        reason = Cel.INVALID)
@ValidationRule(
        value = "!has(self.inline) || self.inline.map(f, (has(f.content) ? size(f.content) : 0)"
                + " + (has(f.contentBase64) ? size(f.contentBase64) : 0)).sum() <= 524288",
        message = "inline files together may have at most 524288 characters; put larger programs into a ConfigMap",
        reason = Cel.INVALID)
@ValidationRule(
        value = "!has(self.inline) || self.inline.all(f, self.inline.exists_one(g, g.name == f.name))",
        message = "each inline file needs a name of its own",
        reason = Cel.INVALID)
public record Source(
        @Size(min = 1, max = 16)
        @JsonPropertyDescription(
                "Files given in the job itself, 1 to 16, together at most 524288 characters. The program is the file named"
                        + " like the runtime's fileName or, where none is, the first one.")
        List<SourceFile> inline,

        @JsonPropertyDescription("Files from a ConfigMap in the job's namespace.") @Nullable
        ConfigMapSource configMapRef,

        @JsonPropertyDescription("Files from a Secret in the job's namespace that is labelled for it.") @Nullable
        SecretSource secretRef) {

    public Source {
        inline = Copies.of(inline);
    }

    /** Files given in the job; the first is the program unless one has the runtime's file name. */
    public static Source inline(SourceFile... files) {
        return new Source(List.of(files), null, null);
    }

    /** All keys of the ConfigMap. */
    public static Source configMap(String name) {
        return new Source(List.of(), new ConfigMapSource(name), null);
    }

    /** All keys of the Secret. */
    public static Source secret(String name) {
        return new Source(List.of(), null, new SecretSource(name));
    }
}
