// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.runner;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.gabion.api.v1alpha1.EnvVar;
import dev.gabion.api.v1alpha1.ProcMount;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the runner needs of a SandboxRuntime.
 *
 * @param runtime the SandboxRuntime's name, for messages
 * @param fileName name of the program's file in the work directory
 * @param command command with {@code {file}}, {@code {dir}}, {@code {out}}; the job's args follow
 * @param compile command of the compile step; empty: none
 * @param env the runtime's variables; the job's win
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record PlanProgram(
        String runtime, String fileName, List<String> command, List<String> compile, List<EnvVar> env, ProcMount proc) {

    public PlanProgram(
            String runtime,
            String fileName,
            @Nullable List<String> command,
            @Nullable List<String> compile,
            @Nullable List<EnvVar> env,
            @Nullable ProcMount proc) {
        this.runtime = runtime;
        this.fileName = fileName;
        this.command = command == null ? List.of() : List.copyOf(command);
        this.compile = compile == null ? List.of() : List.copyOf(compile);
        this.env = env == null ? List.of() : List.copyOf(env);
        this.proc = proc == null ? ProcMount.None : proc;
    }
}
