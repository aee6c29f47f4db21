// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.e2e.harness.Scenario;
import dev.gabion.e2e.harness.TestCluster;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/** docs/e2e-scenarios.md says what the scenario classes say. Written anew by: make e2e-scenarios. */
class ScenarioPageTest {
    private static final Path PAGE = TestCluster.source("docs", "e2e-scenarios.md");

    @Test
    void everyTestOnTheClusterIsAScenario() throws Exception {
        for (Class<?> type : classes()) {
            assertThat(methods(type)).as(type.getSimpleName()).isNotEmpty().allSatisfy(method -> assertThat(
                            method.isAnnotationPresent(Scenario.class))
                    .as(method.getName())
                    .isTrue());
        }
    }

    @Test
    void thePageIsWhatTheClassesSay() throws Exception {
        String page = render();
        if (Boolean.getBoolean("gabion.write")) {
            Files.writeString(PAGE, page);
        }
        assertThat(Files.readString(PAGE)).as("run: make e2e-scenarios").isEqualTo(page);
    }

    private static String render() throws Exception {
        StringBuilder page = new StringBuilder("""
                <!-- Rendered from the annotations in e2e/src by: make e2e-scenarios -->
                # What is shown on a real cluster

                Each of these runs in `make test-e2e`, on a kind cluster of three nodes, in namespaces that enforce Pod Security
                `restricted`. After each group the operator's log must not contain a single error.
                """);
        for (Class<?> type : classes()) {
            page.append("\n## ").append(type.getSimpleName()).append('\n');
            for (Method method : methods(type)) {
                Scenario scenario = method.getAnnotation(Scenario.class);
                page.append("\n### ").append(scenario.name()).append("\n\nSteps:\n\n");
                for (int i = 0; i < scenario.steps().length; i++) {
                    page.append(i + 1).append(". ").append(scenario.steps()[i]).append('\n');
                }
                page.append("\nExpected:\n\n");
                for (String expected : scenario.expected()) {
                    page.append("- ").append(expected).append('\n');
                }
            }
        }
        return page.toString();
    }

    private static List<Class<?>> classes() throws IOException, ClassNotFoundException {
        List<Class<?>> found = new ArrayList<>();
        try (Stream<Path> files =
                Files.list(TestCluster.source("e2e", "src", "test", "java", "dev", "gabion", "e2e"))) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith("E2E.java")) {
                    found.add(Class.forName("dev.gabion.e2e." + name.substring(0, name.length() - ".java".length())));
                }
            }
        }
        found.sort(Comparator.<Class<?>>comparingInt(type -> order(type.getAnnotation(Order.class)))
                .thenComparing(Class::getSimpleName));
        return found;
    }

    private static List<Method> methods(Class<?> type) {
        return Arrays.stream(type.getDeclaredMethods())
                .filter(method ->
                        method.isAnnotationPresent(Test.class) || method.isAnnotationPresent(ParameterizedTest.class))
                .sorted(Comparator.<Method>comparingInt(method -> order(method.getAnnotation(Order.class)))
                        .thenComparing(Method::getName))
                .toList();
    }

    private static int order(@Nullable Order order) {
        return order == null ? Order.DEFAULT : order.value();
    }
}
