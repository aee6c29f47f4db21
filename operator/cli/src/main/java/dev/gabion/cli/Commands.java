// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli;

import dev.gabion.cli.cluster.ChartCommand;
import dev.gabion.cli.cluster.JobsCommand;
import dev.gabion.cli.cluster.LogsCommand;
import dev.gabion.cli.cluster.SubmitCommand;
import dev.gabion.cli.cluster.WaitCommand;
import dev.gabion.cli.doctor.DoctorCommand;
import dev.gabion.cli.profile.ProfileCommand;
import dev.gabion.cli.run.RunCommand;
import dev.gabion.cli.run.RuntimesCommand;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** The commands by name. A command's class is loaded when it is made, not before. */
enum Commands {
    RUN(RunCommand::new),
    DOCTOR(DoctorCommand::new),
    RUNTIMES(RuntimesCommand::new),
    PROFILE(ProfileCommand::new),
    SUBMIT(SubmitCommand::new),
    JOBS(JobsCommand::new),
    LOGS(LogsCommand::new),
    WAIT(WaitCommand::new),
    CHART(ChartCommand::new),
    COMPLETION(CompletionCommand::new);

    @SuppressWarnings("ImmutableEnumChecker") // constructor references: nothing in them can change
    private final Supplier<Object> factory;

    Commands(Supplier<Object> factory) {
        this.factory = factory;
    }

    /** What the user writes. */
    String commandName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** A new command. */
    Object create() {
        return factory.get();
    }

    /** The command of this name; none when there is none, or when it needs to see all others. */
    static List<Commands> named(String name) {
        return Arrays.stream(values())
                .filter(command -> command.commandName().equals(name) && command != COMPLETION)
                .toList();
    }
}
