// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.validation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.limits.LimitsResolution;
import dev.gabion.api.limits.LimitsResolver;
import dev.gabion.api.runtimes.ShippedRuntimes;
import dev.gabion.api.testing.LocalApiServer;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxRuntime;
import dev.gabion.api.v1alpha1.Verdict;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The examples in {@code docs/examples}: each says what it is to end as, and together they show every verdict. */
class ExamplesTest {
    private static final String EXPECTED_VERDICT = "gabion.dev/expected-verdict";

    record Example(String file, SandboxJob job) {
        Verdict expected() {
            return Verdict.valueOf(job.getMetadata().getAnnotations().getOrDefault(EXPECTED_VERDICT, "(none)"));
        }

        @Override
        public String toString() {
            return file;
        }
    }

    static Stream<Example> examples() throws IOException {
        try (Stream<Path> files = Files.list(LocalApiServer.sourceRoot().resolve("docs/examples"))) {
            return files.sorted().map(ExamplesTest::read).toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    void isNamedAfterItsFileAndExpectsAVerdict(Example example) {
        assertThat(example.file()).isEqualTo(example.job().getMetadata().getName() + ".yaml");
        assertThat(example.expected()).isIn((Object[]) Verdict.values());
    }

    @ParameterizedTest
    @MethodSource("examples")
    void asksForAShippedRuntimeAndNoMoreThanItAllows(Example example) {
        var spec = example.job().getSpec();
        SandboxRuntime runtime = ShippedRuntimes.find(spec.runtime()).orElseThrow();
        assertThat(LimitsResolver.resolve(spec.limitsOrNone(), spec.runtime(), runtime.getSpec()))
                .isInstanceOf(LimitsResolution.Resolved.class);
    }

    @Test
    void showEveryVerdictAGuestCanEarn() throws IOException {
        Set<Verdict> shown = examples().map(Example::expected).collect(Collectors.toSet());
        assertThat(shown).isEqualTo(EnumSet.complementOf(EnumSet.of(Verdict.InternalError)));
    }

    private static Example read(Path file) {
        try {
            String job = Stream.of(Files.readString(file).split("(?m)^---$", -1))
                    .filter(document -> document.contains("\nkind: SandboxJob\n"))
                    .findFirst()
                    .orElseThrow();
            return new Example(file.getFileName().toString(), Serialization.unmarshal(job, SandboxJob.class));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
