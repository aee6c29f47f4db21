// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.generate;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every field of every resource, also of those that are added later. */
class CrdSchemaTest {
    static Stream<CustomResourceDefinition> crds() {
        return CrdGeneration.generate().values().stream()
                .map(yaml -> Serialization.unmarshal(yaml, CustomResourceDefinition.class));
    }

    @ParameterizedTest
    @MethodSource("crds")
    void everyFieldIsDescribed(CustomResourceDefinition crd) {
        List<String> missing = new ArrayList<>();
        eachField(crd, (path, schema) -> {
            if (!path.endsWith("[]")
                    && (schema.getDescription() == null
                            || schema.getDescription().isBlank())) {
                missing.add(path);
            }
        });
        assertThat(missing).as("fields without a description").isEmpty();
    }

    @ParameterizedTest
    @MethodSource("crds")
    void everyListMapAndTextIsBounded(CustomResourceDefinition crd) {
        List<String> unbounded = new ArrayList<>();
        eachField(crd, (path, schema) -> {
            boolean bounded =
                    switch (schema.getType() == null ? "quantity" : schema.getType()) {
                        case "array" -> schema.getMaxItems() != null;
                        case "string", "quantity" ->
                            schema.getMaxLength() != null
                                    || schema.getFormat() != null
                                    || !schema.getEnum().isEmpty();
                        case "object" -> schema.getAdditionalProperties() == null || schema.getMaxProperties() != null;
                        default -> true;
                    };
            if (!bounded) {
                unbounded.add(path);
            }
        });
        assertThat(unbounded).as("fields that may grow without end").isEmpty();
    }

    @ParameterizedTest
    @MethodSource("crds")
    void everyNumberOfASpecHasARange(CustomResourceDefinition crd) {
        List<String> unbounded = new ArrayList<>();
        eachField(crd, (path, schema) -> {
            if (path.startsWith("spec.")
                    && "integer".equals(schema.getType())
                    && !path.endsWith("tolerationSeconds")
                    && (schema.getMinimum() == null || schema.getMaximum() == null)) {
                unbounded.add(path);
            }
        });
        assertThat(unbounded).as("numbers without a range").isEmpty();
    }

    @ParameterizedTest
    @MethodSource("crds")
    void describedDefaultIsTheSchemasDefault(CustomResourceDefinition crd) {
        List<String> lies = new ArrayList<>();
        eachField(crd, (path, schema) -> {
            if (schema.getDefault() != null
                    && !schema.getDescription()
                            .contains("Default " + schema.getDefault().asText())) {
                lies.add(path);
            }
        });
        assertThat(lies).as("fields whose description names another default").isEmpty();
    }

    private static void eachField(CustomResourceDefinition crd, BiConsumer<String, JSONSchemaProps> visit) {
        JSONSchemaProps root =
                crd.getSpec().getVersions().getFirst().getSchema().getOpenAPIV3Schema();
        root.getProperties().forEach((name, schema) -> each(name, schema, visit));
    }

    private static void each(String path, JSONSchemaProps schema, BiConsumer<String, JSONSchemaProps> visit) {
        visit.accept(path, schema);
        if (schema.getProperties() != null) {
            schema.getProperties().forEach((name, child) -> each(path + "." + name, child, visit));
        }
        if (schema.getItems() != null && schema.getItems().getSchema() != null) {
            each(path + "[]", schema.getItems().getSchema(), visit);
        }
    }
}
