// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.profile;

import picocli.CommandLine.Command;

/** The guest's system-call profiles. */
@Command(
        name = "profile",
        description = "The guest's profiles of system calls.",
        subcommands = {ShowProfile.class, CheckProfile.class, LearnProfile.class},
        synopsisSubcommandLabel = "COMMAND")
public final class ProfileCommand {}
