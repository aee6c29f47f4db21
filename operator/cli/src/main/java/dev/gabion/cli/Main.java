// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli;

import dev.gabion.cli.terminal.Terminal;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** The start of the program. Loads the one command that is asked for; all of them only to list them. */
public final class Main {
    /** Ends the process with the command's code. */
    public static void main(String[] args) {
        System.exit(run(args));
    }

    /** Runs the command line and returns the code to end with. */
    static int run(String... args) {
        if (args.length == 1 && (args[0].equals("--version") || args[0].equals("-V"))) {
            System.out.println(Version.line());
            return written(ExitCode.OK);
        }
        CommandLine line = commandLine(args);
        int code = line.execute(args);
        line.getOut().flush();
        return written(code);
    }

    /** The code, unless standard output took not all of what went to it: a full disk must not look like a success. */
    private static int written(int code) {
        if (!System.out.checkError()) {
            return code;
        }
        System.err.println("gabion: standard output could not be written; what went there is lost");
        return ExitCode.NOT_WRITTEN;
    }

    /** The commands that these arguments may mean. */
    static CommandLine commandLine(String... args) {
        CommandLine root = new CommandLine(new Gabion());
        root.setCommandName(System.getProperty("gabion.command", "gabion"));
        List<Commands> wanted = args.length == 0 ? List.of() : Commands.named(args[0]);
        for (Commands command : wanted.isEmpty() ? List.of(Commands.values()) : wanted) {
            root.addSubcommand(command.commandName(), command.create());
        }
        return root.setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler(Main::wrongArguments)
                .setExecutionExceptionHandler(Main::failed);
    }

    private static int wrongArguments(ParameterException error, String[] args) {
        CommandLine command = error.getCommandLine();
        PrintWriter err = command.getErr();
        err.println(command.getCommandSpec().qualifiedName() + ": "
                + Terminal.harmless(String.valueOf(error.getMessage())));
        CommandLine.UnmatchedArgumentException.printSuggestions(error, err);
        err.println("Try: " + command.getCommandSpec().qualifiedName() + " --help");
        err.flush();
        return ExitCode.USAGE;
    }

    private static int failed(Exception error, CommandLine command, ParseResult parsed) {
        PrintWriter err = command.getErr();
        String name = command.getCommandSpec().qualifiedName();
        if (error instanceof UserError user) {
            err.println(name + ": " + Terminal.harmless(String.valueOf(user.getMessage())));
            err.flush();
            return user.exitCode();
        }
        err.println(name + " failed: " + Terminal.harmless(error.toString()));
        if (System.getenv("GABION_DEBUG") != null) {
            error.printStackTrace(err);
        } else {
            err.println("GABION_DEBUG=1 shows where.");
        }
        err.flush();
        return ExitCode.INTERNAL_ERROR;
    }

    private Main() {}
}
