// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxRuntime;
import dev.gabion.operator.OperatorSettings;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every object that is made for a job, as a file: src/test/resources/golden/CASE/in-*.yaml gives out-*.yaml.
 * {@code -Dgabion.update=true} writes the latter anew; read the diff before you commit it.
 */
class GoldenTest {
    private static final Path GOLDEN = Path.of("src/test/resources/golden");

    static List<Path> cases() throws IOException {
        return list(GOLDEN, "");
    }

    @Test
    void thereAreCases() throws IOException {
        assertThat(cases()).hasSizeGreaterThanOrEqualTo(6);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void rendersTheExpectedObjects(Path folder) throws IOException {
        Map<String, String> rendered = render(folder);

        if (Boolean.getBoolean("gabion.update")) {
            for (Path old : list(folder, "out-")) {
                Files.delete(old);
            }
            for (Map.Entry<String, String> file : rendered.entrySet()) {
                Files.writeString(folder.resolve(file.getKey()), file.getValue());
            }
        }
        assertThat(list(folder, "out-")).extracting(file -> name(file)).containsExactlyElementsOf(rendered.keySet());
        for (Map.Entry<String, String> file : rendered.entrySet()) {
            assertThat(file.getValue()).as(file.getKey()).isEqualTo(Files.readString(folder.resolve(file.getKey())));
        }
    }

    private static Map<String, String> render(Path folder) throws IOException {
        SandboxJob job = read(folder, "in-SandboxJob-", SandboxJob.class);
        SandboxRuntime runtime = read(folder, "in-SandboxRuntime-", SandboxRuntime.class);
        OperatorSettings settings = settings(folder.resolve("in-settings.properties"));
        Validation.Outcome outcome = Validation.check(job, runtime);
        assertThat(outcome).isInstanceOf(Validation.Outcome.Valid.class);
        var limits = ((Validation.Outcome.Valid) outcome).limits();
        return Stream.<HasMetadata>of(
                        NetworkPolicyRenderer.desired(job.getMetadata().getNamespace()),
                        PlanRenderer.desired(job, runtime, 1, limits),
                        PodRenderer.desired(job, runtime, 1, limits, settings))
                .collect(Collectors.toMap(
                        object -> "out-%s-%s.yaml"
                                .formatted(
                                        object.getKind(), object.getMetadata().getName()),
                        object -> Serialization.asYaml(
                                sorted(Serialization.unmarshal(Serialization.asJson(object), Map.class))),
                        (one, _) -> one,
                        TreeMap::new));
    }

    private static OperatorSettings settings(Path file) throws IOException {
        Properties properties = new Properties();
        if (Files.exists(file)) {
            try (Reader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
                properties.load(reader);
            }
        }
        return OperatorSettings.from(properties.stringPropertyNames().stream()
                .collect(Collectors.toMap(name -> name, properties::getProperty)));
    }

    private static <T extends HasMetadata> T read(Path folder, String prefix, Class<T> type) throws IOException {
        List<Path> files = list(folder, prefix);
        assertThat(files).as(folder + "/" + prefix + "*").hasSize(1);
        return Serialization.unmarshal(Files.readString(files.getFirst()), type);
    }

    private static List<Path> list(Path folder, String prefix) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> name(file).startsWith(prefix)).sorted().toList();
        }
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }

    /** Labels have no order of their own. */
    private static Object sorted(Object value) {
        return switch (value) {
            case Map<?, ?> map -> {
                Map<String, Object> copy = new TreeMap<>();
                map.forEach((key, inner) -> {
                    if (inner != null) {
                        copy.put(String.valueOf(key), sorted(inner));
                    }
                });
                yield copy;
            }
            case List<?> list -> list.stream().map(inner -> sorted(inner)).toList();
            default -> value;
        };
    }
}
