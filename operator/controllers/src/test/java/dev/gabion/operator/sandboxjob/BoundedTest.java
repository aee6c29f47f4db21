// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.operator.sandboxjob.TerminationMessage.Believed;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever a runner says, the API server takes the status that comes of it. Both what is said and what is allowed are
 * made from the generated schema, so that a new field is covered from its first day.
 */
class BoundedTest {
    private static final int MANY = 400;

    /** What every text of the result is; "absent": no field is there at all. */
    @ParameterizedTest
    @ValueSource(strings = {"", "x", "\u0001", "\ud800", "日", "\\", "absent"})
    void aStatusOfAnythingThatARunnerSaysKeepsToTheSchema(String unit) throws IOException {
        // Given
        JsonNode schema = statusSchema();
        boolean absent = unit.equals("absent");
        ObjectNode said = (ObjectNode) hostile(schema, absent ? "" : unit.repeat(5000), absent, 0);
        said.put("jobUid", TestJobs.UID).put("attempt", 1).put("verdict", "NonZeroExit");
        SandboxJob job = TestJobs.announced(TestJobs.job(spec -> spec), 1);

        // When
        Believed believed = (Believed) TerminationMessage.read(said.toString(), TestJobs.UID, 1);
        RunnerOutput output =
                new RunnerOutput(believed.result(), true, List.of(), null, null, Map.of(), unit.repeat(5000));
        List<JsonNode> written = new ArrayList<>();
        for (RunnerOutput details : Arrays.asList(null, output)) {
            SandboxJobStatus status = StatusFactory.of(job, TestJobs.NOW)
                    .finished(
                            TestJobs.pod(1, new PodFacts.Container.None()),
                            believed.result(),
                            details,
                            "store",
                            ResultRenderer.desired(job, believed.result(), details)
                                    .files());
            written.add(Serialization.unmarshal(Serialization.asJson(status), JsonNode.class));
        }

        // Then
        for (JsonNode status : written) {
            assertThat(violations(schema, status, "status")).isEmpty();
            assertThat(status.toString().getBytes(StandardCharsets.UTF_8).length)
                    .isLessThan(700_000);
            if (unit.equals("x")) {
                assertThat(status.path("outputs")).hasSize(1);
                assertThat(status.path("controls")).hasSize(1);
                assertThat(status.path("usage").path("series")).hasSize(120);
            }
        }
        // And the check can fail.
        assertThat(violations(schema, said, "status")).hasSizeGreaterThan(absent ? 0 : 5);
    }

    private static JsonNode statusSchema() throws IOException {
        JsonNode crd = Serialization.unmarshal(
                Files.readString(Path.of("../../crds/sandboxjobs.gabion.dev.yaml")), JsonNode.class);
        return crd.at("/spec/versions/0/schema/openAPIV3Schema/properties/status");
    }

    private static JsonNode hostile(JsonNode schema, String text, boolean absent, int level) {
        JsonNodeFactory make = JsonNodeFactory.instance;
        if (schema.has("enum")) {
            return schema.get("enum").get(0);
        }
        return switch (schema.path("type").asText()) {
            case "integer" -> make.numberNode(-7);
            case "boolean" -> make.booleanNode(true);
            case "array" -> {
                ArrayNode all = make.arrayNode();
                for (int i = 0; i < MANY; i++) {
                    all.add(hostile(schema.get("items"), text, absent, level + 1));
                }
                yield all;
            }
            case "object" -> {
                ObjectNode fields = make.objectNode();
                if (!absent || level == 0) {
                    schema.path("properties")
                            .properties()
                            .forEach(field ->
                                    fields.set(field.getKey(), hostile(field.getValue(), text, absent, level + 1)));
                }
                yield fields;
            }
            default -> make.textNode(text);
        };
    }

    private static List<String> violations(JsonNode schema, JsonNode value, String at) {
        List<String> found = new ArrayList<>();
        if (schema.has("enum") && !contains(schema.get("enum"), value)) {
            found.add(at + ": not in the enum");
        }
        switch (schema.path("type").asText()) {
            case "string" -> {
                String text = value.asText();
                int length = text.codePointCount(0, text.length());
                if (!value.isTextual()
                        || length > schema.path("maxLength").asInt(Integer.MAX_VALUE)
                        || length < schema.path("minLength").asInt(0)
                        || text.codePoints().anyMatch(point -> point >= 0xd800 && point <= 0xdfff)) {
                    found.add(at + ": a text of " + length);
                }
            }
            case "integer" -> {
                if (!value.isIntegralNumber()
                        || value.asLong() < schema.path("minimum").asLong(Long.MIN_VALUE)
                        || value.asLong() > schema.path("maximum").asLong(Long.MAX_VALUE)) {
                    found.add(at + ": the number " + value);
                }
            }
            case "boolean" -> {
                if (!value.isBoolean()) {
                    found.add(at + ": no boolean");
                }
            }
            case "array" -> found.addAll(listViolations(schema, value, at));
            case "object" -> {
                schema.path("required").forEach(name -> {
                    if (!value.has(name.asText())) {
                        found.add(at + ": without " + name);
                    }
                });
                value.properties().forEach(field -> {
                    JsonNode known = schema.path("properties").path(field.getKey());
                    if (!known.isMissingNode()) {
                        found.addAll(violations(known, field.getValue(), at + "." + field.getKey()));
                    }
                });
            }
            default -> found.add(at + ": of no known type");
        }
        return found;
    }

    private static List<String> listViolations(JsonNode schema, JsonNode value, String at) {
        List<String> found = new ArrayList<>();
        if (!value.isArray() || value.size() > schema.path("maxItems").asInt(Integer.MAX_VALUE)) {
            found.add(at + ": " + value.size() + " items");
        }
        Set<List<String>> keys = new HashSet<>();
        for (JsonNode item : value) {
            found.addAll(violations(schema.get("items"), item, at + "[]"));
            if (schema.path("x-kubernetes-list-type").asText().equals("map")) {
                List<String> key = new ArrayList<>();
                schema.get("x-kubernetes-list-map-keys")
                        .forEach(name -> key.add(item.path(name.asText()).asText()));
                if (!keys.add(key)) {
                    found.add(at + ": twice the key " + key);
                }
            }
        }
        return found;
    }

    private static boolean contains(JsonNode values, JsonNode value) {
        for (JsonNode one : values) {
            if (one.equals(value)) {
                return true;
            }
        }
        return false;
    }
}
