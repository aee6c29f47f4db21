// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.profile;

import dev.gabion.api.v1alpha1.SeccompProfiles;
import dev.gabion.cli.ExitCode;
import dev.gabion.cli.UserError;
import dev.gabion.cli.run.OutputMode;
import dev.gabion.cli.terminal.Table;
import dev.gabion.runner.seccomp.Action;
import dev.gabion.runner.seccomp.Arch;
import dev.gabion.runner.seccomp.SeccompProfile;
import dev.gabion.runner.seccomp.SyscallTable;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows a shipped profile, or all of them. */
@Command(name = "show", description = "Show a profile's OCI seccomp JSON; without a name, list the profiles.")
final class ShowProfile implements Callable<Integer> {
    @Parameters(
            paramLabel = "NAME",
            arity = "0..1",
            description = "A shipped profile, or base, which each of them extends.")
    private @Nullable String name;

    @Option(names = "--calls", description = "List each system call of this machine with its answer instead.")
    private boolean calls;

    @Override
    public Integer call() {
        OutputMode.writeText(
                System.out,
                name == null
                        ? list()
                        : calls ? calls(name.equals("base") ? SeccompProfile.base() : shipped(name)) : json(name));
        return ExitCode.OK;
    }

    static SeccompProfile shipped(String name) {
        if (!SeccompProfiles.SHIPPED.contains(name)) {
            throw new UserError(
                    "there is no profile '" + name + "'; there are " + String.join(", ", SeccompProfiles.SHIPPED));
        }
        return SeccompProfile.shipped(name);
    }

    private static String list() {
        Table table = new Table()
                .column("PROFILE", Table.Side.LEFT)
                .column("ALLOWED", Table.Side.RIGHT)
                .column("REFUSED", Table.Side.RIGHT)
                .column("VIOLATION", Table.Side.RIGHT);
        for (String profile : SeccompProfiles.SHIPPED) {
            int[] counts = Answers.count(SeccompProfile.shipped(profile));
            table.row(List.of(
                    profile, Integer.toString(counts[0]), Integer.toString(counts[1]), Integer.toString(counts[2])));
        }
        return String.join("\n", table.lines());
    }

    private static String calls(SeccompProfile profile) {
        Table table = new Table().column("CALL", Table.Side.LEFT).column("ANSWER", Table.Side.LEFT);
        for (String call : new ArrayList<>(
                new java.util.TreeSet<>(SyscallTable.of(Arch.current()).names()))) {
            table.row(List.of(call, Answers.of(profile, call)));
        }
        return String.join("\n", table.lines());
    }

    private static String json(String name) {
        if (!name.equals("base")) {
            shipped(name);
        }
        try (InputStream in = SeccompProfile.class.getResourceAsStream("guest/" + name + ".json")) {
            if (in == null) {
                throw new IllegalStateException("missing resource guest/" + name + ".json");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a profile answers to a call by its name. */
    static final class Answers {
        /** Calls that are allowed, refused quietly, or a violation; one with tests of its arguments counts as allowed. */
        static int[] count(SeccompProfile profile) {
            int[] counts = new int[3];
            for (String call : SyscallTable.of(Arch.current()).names()) {
                String answer = of(profile, call);
                counts[answer.startsWith("allowed") ? 0 : answer.startsWith("refused") ? 1 : 2]++;
            }
            return counts;
        }

        static String of(SeccompProfile profile, String call) {
            List<dev.gabion.runner.seccomp.Rule> rules = profile.rules().stream()
                    .filter(rule -> rule.names().contains(call))
                    .toList();
            boolean tested = rules.stream().anyMatch(rule -> !rule.tests().isEmpty());
            boolean allowed = rules.stream().anyMatch(rule -> rule.action() instanceof Action.Allow);
            if (tested && allowed) {
                return "allowed, by its arguments";
            }
            Action action =
                    rules.isEmpty() ? profile.defaultAction() : rules.getFirst().action();
            return switch (action) {
                case Action.Allow allow -> "allowed";
                case Action.Errno errno -> "refused with errno " + errno.number();
                default -> "violation";
            };
        }

        private Answers() {}
    }
}
