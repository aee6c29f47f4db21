// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;

/** A step before the run, in the same sandbox with its own limits. If it fails, the verdict is CompileError. */
@ApiType
@ValidationRule(
        value = "self.command[0].startsWith('/')",
        message = "compile.command must begin with an absolute path",
        reason = Cel.INVALID)
@ValidationRule(
        value = "self.command.exists(w, w.contains('{out}'))",
        message = "compile.command must name what it builds by {out}",
        reason = Cel.INVALID)
public record CompileStep(
        @Required
        @Size(min = 1, max = 64)
        @JsonPropertyDescription(
                "Command with its arguments, 1 to 64 of up to 4096 characters. {file} is the program's path, {dir}"
                        + " the work directory, {out} the path of what is to be built.")
        List<@Size(max = 4096) @Pattern(Cel.NO_NUL) String> command) {

    public CompileStep {
        command = Copies.of(command);
    }
}
