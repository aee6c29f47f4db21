// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.runtimes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.limits.LimitsResolution;
import dev.gabion.api.limits.LimitsResolver;
import dev.gabion.api.testing.LocalApiServer;
import dev.gabion.api.v1alpha1.Limits;
import dev.gabion.api.v1alpha1.SandboxRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ShippedRuntimesTest {
    static Stream<SandboxRuntime> runtimes() {
        return ShippedRuntimes.all().stream();
    }

    @ParameterizedTest
    @MethodSource("runtimes")
    void namesItsImageAndProfileAfterItself(SandboxRuntime runtime) {
        String name = runtime.getMetadata().getName();
        assertThat(runtime.getSpec().image()).isEqualTo("localhost/gabion/runner-" + name + ":0.1.0");
        assertThat(runtime.getSpec().seccompProfilesOrDefault()).startsWith(name);
    }

    @ParameterizedTest
    @MethodSource("runtimes")
    void commandIsAbsoluteAndKnowsItsProgram(SandboxRuntime runtime) {
        var spec = runtime.getSpec();
        assertThat(spec.command().getFirst()).matches("/.*|\\{out}");
        if (spec.compile() == null) {
            assertThat(spec.command()).contains("{file}");
        } else {
            assertThat(spec.command()).contains("{out}");
            assertThat(spec.compile().command()).contains("{file}", "{out}");
        }
    }

    @ParameterizedTest
    @MethodSource("runtimes")
    void runsAJobThatAsksForNothingAndOneThatAsksForTheMost(SandboxRuntime runtime) {
        var spec = runtime.getSpec();
        Limits most = Objects.requireNonNull(spec.maximum());
        String name = runtime.getMetadata().getName();
        assertThat(LimitsResolver.resolve(Limits.NONE, name, spec)).isInstanceOf(LimitsResolution.Resolved.class);
        assertThat(LimitsResolver.resolve(most, name, spec)).isInstanceOf(LimitsResolution.Resolved.class);
    }

    @ParameterizedTest
    @MethodSource("runtimes")
    void leavesTheRequiredControlsToTheIsolationLevel(SandboxRuntime runtime) {
        // A list of its own would name namespaces, and so refuse every job with level Pod.
        assertThat(runtime.getSpec().requiredControls()).isEmpty();
    }

    @Test
    void listsEveryFileThereIs() throws IOException {
        Path folder = LocalApiServer.sourceRoot().resolve("crds/src/main/resources/dev/gabion/api/runtimes");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(ShippedRuntimes.names().stream()
                            .map(n -> n + ".yaml")
                            .toList());
        }
    }
}
