// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.gabion.api.testing.LocalApiServer;
import io.fabric8.kubernetes.api.model.Quantity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OperatorSettingsTest {
    private static final Pattern VARIABLE = Pattern.compile("GABION_[A-Z_]+");

    @Test
    void hasDefaults() {
        OperatorSettings settings = OperatorSettings.from(Map.of());

        assertThat(settings.maxRunningPerNamespace()).isEqualTo(20);
        assertThat(settings.runnerMemory().getNumericalAmount())
                .isEqualTo(Quantity.parse("160Mi").getNumericalAmount());
        assertThat(settings.nodeLostAfter()).isEqualTo(Duration.ofSeconds(40));
        assertThat(settings.appArmorProfile()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GABION_JOBS_MAX_RUNNING_PER_NAMESPACE | 0 | whole number from 1 to 10000",
                "GABION_JOBS_MAX_RUNNING_PER_NAMESPACE | many | whole number from 1 to 10000",
                "GABION_JOBS_NODE_LOST_SECONDS | 601 | whole number from 1 to 600",
                "GABION_JOBS_RUNNER_MEMORY | 1 potato | must be a quantity",
                "GABION_FAILPOINTS | nowhere=halt | there are: attempt-announced",
                "GABION_FAILPOINTS | pod-created=sleep | the only action is halt"
            })
    void refusesWhatCannotBeAndNamesTheVariable(String variable, String value, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> OperatorSettings.from(Map.of(variable, value)))
                .withMessageStartingWith(variable)
                .withMessageContaining(message);
    }

    @Test
    void everyVariableIsDocumentedAndEveryDocumentedOneIsRead() throws IOException {
        Path root = LocalApiServer.sourceRoot();
        Set<String> read =
                variables(root.resolve("operator/controllers/src/main/java/dev/gabion/operator/OperatorSettings.java"));
        Set<String> documented = variables(root.resolve("docs/controller-flow/sandboxjob.md"));

        assertThat(documented).isEqualTo(read);
    }

    @Test
    void everyFailpointIsDocumented() throws IOException {
        String page = Files.readString(LocalApiServer.sourceRoot().resolve("docs/controller-flow/sandboxjob.md"));

        assertThat(Failpoints.ALL).allSatisfy(name -> assertThat(page).contains("| `" + name + "` |"));
    }

    private static Set<String> variables(Path file) throws IOException {
        Set<String> found = new TreeSet<>();
        Matcher matcher = VARIABLE.matcher(Files.readString(file));
        while (matcher.find()) {
            found.add(matcher.group());
        }
        return found;
    }
}
