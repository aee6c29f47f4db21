// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.v1alpha1.CompileLimits;
import dev.gabion.api.v1alpha1.Isolation;
import dev.gabion.api.v1alpha1.Limits;
import dev.gabion.api.v1alpha1.SandboxJobSpec;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The flags that describe a job are the fields of its spec, in kebab-case. */
class FlagsTest {
    /** The program is a parameter; nobody makes a job that is cancelled; the others are objects with flags of their own. */
    private static final Set<String> NO_FLAG = Set.of("source", "args", "cancel", "isolation", "limits", "compile");

    /** What only a cluster can do with a job. */
    private static final Set<String> OF_A_CLUSTER =
            Set.of("--max-attempts", "--ttl-seconds-after-finished", "--suspend");

    @Test
    void submitHasAFlagForEachField() {
        assertThat(flags("submit")).containsAll(fields());
    }

    @Test
    void runHasTheSameButForWhatOnlyAClusterCanDo() {
        assertThat(flags("run"))
                .containsAll(fields().stream()
                        .filter(flag -> !OF_A_CLUSTER.contains(flag))
                        .toList())
                .doesNotContainAnyElementsOf(OF_A_CLUSTER);
    }

    private static List<String> flags(String command) {
        return Objects.requireNonNull(Main.commandLine(command).getSubcommands().get(command))
                .getCommandSpec()
                .options()
                .stream()
                .flatMap(option -> Arrays.stream(option.names()))
                .toList();
    }

    private static List<String> fields() {
        return Stream.of(
                        names("", SandboxJobSpec.class),
                        names("", Isolation.class),
                        names("", Limits.class),
                        names("compile-", CompileLimits.class))
                .flatMap(names -> names)
                .toList();
    }

    private static Stream<String> names(String prefix, Class<? extends Record> type) {
        return Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getName)
                .filter(name -> !NO_FLAG.contains(name))
                .map(name -> "--" + prefix + name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT));
    }
}
