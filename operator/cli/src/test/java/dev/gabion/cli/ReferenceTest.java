// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Help;

/** The reference at the end of docs/cli.md is what --help says; -Dgabion.update=true writes it anew. */
class ReferenceTest {
    private static final String BEGIN = "<!-- Generated from the program's own help: make cli-docs. -->\n";
    private static final int WIDTH = 110;

    @Test
    void thePageSaysWhatTheProgramSays() throws IOException {
        Path page = Path.of(System.getProperty("gabion.root"), "docs/cli.md");
        String before = Files.readString(page);
        int begin = before.indexOf(BEGIN);
        assertThat(begin).as("the marker in " + page).isPositive();
        String wanted = before.substring(0, begin) + BEGIN + reference();
        if (Boolean.getBoolean("gabion.update")) {
            Files.writeString(page, wanted);
        } else {
            assertThat(before).as("run: make cli-docs").isEqualTo(wanted);
        }
    }

    private static String reference() {
        StringBuilder text = new StringBuilder();
        CommandLine root = Main.commandLine("--help");
        for (Commands command : Commands.values()) {
            append(text, Objects.requireNonNull(root.getSubcommands().get(command.commandName())));
        }
        return text.toString();
    }

    private static void append(StringBuilder text, CommandLine command) {
        command.setUsageHelpAutoWidth(false).setUsageHelpWidth(WIDTH);
        text.append("\n## ").append(command.getCommandSpec().qualifiedName()).append("\n\n```\n");
        text.append(command.getUsageMessage(Help.Ansi.OFF).stripTrailing()).append("\n```\n");
        new TreeMap<>(command.getSubcommands()).values().forEach(sub -> append(text, sub));
    }
}
