// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes the completion script of a shell. */
@Command(name = "completion", description = "Print the completion script of a shell: source <(gabion completion bash)")
public final class CompletionCommand implements Callable<Integer> {
    /** The shells there is one for. */
    enum Shell {
        bash,
        zsh
    }

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}")
    private Shell shell = Shell.bash;

    @Override
    public Integer call() {
        CommandLine root = java.util.Objects.requireNonNull(spec).root().commandLine();
        PrintWriter out = root.getOut();
        // The script serves both shells: under zsh it turns on bash's way of completion itself.
        out.print(AutoComplete.bash("gabion", root));
        if (shell == Shell.zsh) {
            out.println("# zsh: the lines above load bashcompinit themselves.");
        }
        out.flush();
        return ExitCode.OK;
    }
}
