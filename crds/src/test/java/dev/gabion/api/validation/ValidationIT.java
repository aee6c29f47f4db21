// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.gabion.api.testing.LocalApiServer;
import dev.gabion.api.testing.LocalApiServerExtension;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.FieldValidateable;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The corpus in {@code src/test/resources/corpus}, a folder per kind, against a real API server.
 *
 * <p>{@code valid-*} is accepted. {@code invalid-*} is refused with a message that contains every {@code # expect:} line
 * of its head. Both are created by a dry run with strict field validation, as kubectl does it.
 */
@ExtendWith(LocalApiServerExtension.class)
class ValidationIT {
    private static final String EXPECT = "# expect: ";
    private static final Path ROOT = LocalApiServer.sourceRoot();

    @SuppressWarnings("NullAway.Init")
    private static KubernetesClient client;

    @BeforeAll
    static void connect(LocalApiServer server) {
        client = server.adminClient();
    }

    @AfterAll
    static void disconnect() {
        client.close();
    }

    @TestFactory
    Stream<DynamicTest> accepts() throws IOException {
        return corpus("valid-").map(file -> DynamicTest.dynamicTest(name(file), () -> accepted(file)));
    }

    @TestFactory
    Stream<DynamicTest> refuses() throws IOException {
        return corpus("invalid-").map(file -> DynamicTest.dynamicTest(name(file), () -> refused(file)));
    }

    @TestFactory
    Stream<DynamicTest> acceptsShippedRuntimes() throws IOException {
        return yamlFiles(ROOT.resolve("crds/src/main/resources/dev/gabion/api/runtimes"))
                .map(file -> DynamicTest.dynamicTest(name(file), () -> accepted(file)));
    }

    @TestFactory
    Stream<DynamicTest> acceptsExamples() throws IOException {
        return yamlFiles(ROOT.resolve("docs/examples"))
                .map(file -> DynamicTest.dynamicTest(name(file), () -> accepted(file)));
    }

    @Test
    void corpusIsAllThere() throws IOException {
        assertThat(corpus("valid-").count()).isGreaterThanOrEqualTo(40);
        assertThat(corpus("invalid-").count()).isGreaterThanOrEqualTo(130);
    }

    private static void accepted(Path file) throws IOException {
        for (GenericKubernetesResource resource : read(file)) {
            assertThatCode(() -> create(resource)).doesNotThrowAnyException();
        }
    }

    private static void refused(Path file) throws IOException {
        List<String> expected = Files.readAllLines(file).stream()
                .filter(line -> line.startsWith(EXPECT))
                .map(line -> line.substring(EXPECT.length()))
                .toList();
        assertThat(expected).as("a refused file says which message it must get").isNotEmpty();
        KubernetesClientException refusal = catchThrowableOfType(
                KubernetesClientException.class, () -> create(read(file).getFirst()));
        assertThat(refusal).as("the API server accepted it").isNotNull();
        assertThat(refusal.getMessage()).contains(expected);
    }

    private static void create(GenericKubernetesResource resource) {
        var operation = client.genericKubernetesResources(resource.getApiVersion(), resource.getKind())
                .resource(resource);
        operation.dryRun().fieldValidation(FieldValidateable.Validation.STRICT).create();
    }

    private static List<GenericKubernetesResource> read(Path file) throws IOException {
        return Stream.of(Files.readString(file).split("(?m)^---$", -1))
                .filter(document -> document.lines().anyMatch(line -> line.startsWith("kind:")))
                .map(document -> Serialization.unmarshal(document, GenericKubernetesResource.class))
                .toList();
    }

    private static Stream<Path> corpus(String prefix) throws IOException {
        Path corpus = ROOT.resolve("crds/src/test/resources/corpus");
        try (Stream<Path> files = Files.walk(corpus)) {
            return files.filter(file -> file.getFileName().toString().startsWith(prefix)).sorted().toList().stream();
        }
    }

    private static Stream<Path> yamlFiles(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList().stream();
        }
    }

    private static String name(Path file) {
        return ROOT.relativize(file).toString();
    }
}
