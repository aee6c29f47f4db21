// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gabion.cli.UserError;
import dev.gabion.cli.terminal.Terminal;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/**
 * What the API server would refuse of a SandboxJob that is created, told here without one: the generated CRD's schema,
 * read from the class path, then its rules ({@link SchemaRules}).
 */
final class JobSchema {
    private static final String RESOURCE = "/crds/sandboxjobs.gabion.dev.yaml";
    private static final int SHOWN_PROBLEMS = 8;
    private static final int SHOWN_CHARACTERS = 60;
    private static final int MAX_NAME = 253;
    private static final Pattern NAME =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

    private final List<String> problems = new ArrayList<>();

    private static final class Holder {
        static final JsonNode SCHEMA = load();
    }

    /** The schema of a SandboxJob without its status, which nobody gives. */
    static JsonNode schema() {
        return Holder.SCHEMA;
    }

    /** Refuses a job as it stands in a document; where it comes from is put in front. */
    static void check(String from, ObjectNode job) {
        List<String> found = problems(job);
        if (!found.isEmpty()) {
            String more = found.size() > SHOWN_PROBLEMS ? "; and " + (found.size() - SHOWN_PROBLEMS) + " more" : "";
            throw new UserError(from + found.stream().limit(SHOWN_PROBLEMS).collect(Collectors.joining("; ")) + more);
        }
    }

    /** Everything that is wrong, each with its field's path. */
    static List<String> problems(ObjectNode job) {
        JobSchema check = new JobSchema();
        check.metadata(job.path("metadata"));
        check.structure("", job, schema(), "");
        if (check.problems.isEmpty()) {
            // As the API server does it: a rule may count on the structure.
            check.rules("", job, schema());
        }
        return check.problems;
    }

    private void metadata(JsonNode metadata) {
        if (absent(metadata)) {
            return;
        }
        if (!metadata.isObject()) {
            problems.add("metadata: must be an object");
            return;
        }
        JsonNode name = metadata.path("name");
        if (!absent(name)
                && (!name.isTextual()
                        || name.textValue().length() > MAX_NAME
                        || !NAME.matcher(name.textValue()).matches())) {
            problems.add("metadata.name: " + shown(name)
                    + " is not allowed; give lower-case letters, digits, '-' and '.', up to 240 characters");
        }
    }

    private void structure(String path, JsonNode value, JsonNode schema, String parentDescription) {
        String description = schema.path("description").asText(parentDescription);
        if (schema.path("x-kubernetes-int-or-string").asBoolean()) {
            if (value.isTextual()) {
                text(path, value, schema, description);
            } else if (!value.isIntegralNumber()) {
                problems.add(path + ": must be an integer or a string, not " + shown(value) + ": " + description);
            }
            return;
        }
        String type = schema.path("type").asText();
        if (!isOf(type, value)) {
            problems.add(path + ": must be of type " + type + ", not " + shown(value)
                    + (description.isEmpty() ? "" : ": " + description));
            return;
        }
        switch (type) {
            case "object" -> object(path, value, schema);
            case "array" -> list(path, value, schema, description);
            case "string" -> text(path, value, schema, description);
            case "integer" -> number(path, value, schema, description);
            default -> {
                // A boolean is right by its type.
            }
        }
    }

    private static boolean isOf(String type, JsonNode value) {
        return switch (type) {
            case "object" -> value.isObject();
            case "array" -> value.isArray();
            case "string" -> value.isTextual();
            case "boolean" -> value.isBoolean();
            case "integer" -> value.isIntegralNumber();
            default -> throw new IllegalStateException("the schema has a type that is not known here: " + type);
        };
    }

    private void object(String path, JsonNode value, JsonNode schema) {
        JsonNode fields = schema.path("properties");
        value.properties().forEach(field -> {
            String inside = inside(path, field.getKey());
            if (!fields.has(field.getKey())) {
                problems.add(inside + ": no such field; there are "
                        + fields.properties().stream().map(Map.Entry::getKey).collect(Collectors.joining(", ")));
            } else if (!absent(field.getValue()) && !fields.path(field.getKey()).isEmpty()) {
                structure(inside, field.getValue(), fields.path(field.getKey()), "");
            }
        });
        for (JsonNode required : schema.path("required")) {
            if (absent(value.path(required.textValue()))) {
                String description =
                        fields.path(required.textValue()).path("description").asText();
                problems.add(inside(path, required.textValue()) + ": missing"
                        + (description.isEmpty() ? "" : "; " + description));
            }
        }
    }

    private void list(String path, JsonNode value, JsonNode schema, String description) {
        if (value.size() > schema.path("maxItems").asInt(Integer.MAX_VALUE)
                || value.size() < schema.path("minItems").asInt(0)) {
            problems.add(path + ": " + value.size() + " items are not allowed; " + allowedItems(schema) + ": "
                    + description);
            return;
        }
        List<String> keys = strings(schema.path("x-kubernetes-list-map-keys"));
        boolean set = schema.path("x-kubernetes-list-type").asText().equals("set");
        Set<Object> seen = new HashSet<>();
        for (int i = 0; i < value.size(); i++) {
            JsonNode item = value.path(i);
            structure(path + "[" + i + "]", item, schema.path("items"), description);
            if (set && !seen.add(item)) {
                problems.add(path + "[" + i + "]: " + shown(item) + " is there twice");
            }
            if (!keys.isEmpty() && !seen.add(keys.stream().map(item::path).toList())) {
                problems.add(path + "[" + i + "]: the " + String.join(" and ", keys) + " "
                        + keys.stream().map(key -> shown(item.path(key))).collect(Collectors.joining(" and "))
                        + " is there twice");
            }
        }
    }

    private static String allowedItems(JsonNode schema) {
        return (schema.has("minItems") ? "at least " + schema.path("minItems").asInt() + ", " : "") + "at most "
                + schema.path("maxItems").asText("any number");
    }

    private void text(String path, JsonNode value, JsonNode schema, String description) {
        String text = value.textValue();
        int length = text.codePointCount(0, text.length());
        int most = schema.path("maxLength").asInt(Integer.MAX_VALUE);
        if (length > most) {
            problems.add(path + ": " + length + " characters; at most " + most + " are allowed");
            return;
        }
        List<String> words = strings(schema.path("enum"));
        if (length < schema.path("minLength").asInt(0)
                || (schema.has("pattern") && !matches(schema.path("pattern").textValue(), text))) {
            problems.add(path + ": " + shown(value) + " is not allowed"
                    + (description.isEmpty() ? "" : ": " + description)
                    + (schema.has("pattern") ? " (" + schema.path("pattern").textValue() + ")" : ""));
        } else if (!words.isEmpty() && !words.contains(text)) {
            problems.add(path + ": " + shown(value) + " is not allowed; give " + String.join(" or ", words));
        }
    }

    /** In the API server's patterns {@code $} is the very end; Java's lets a line feed follow. */
    private static boolean matches(String pattern, String text) {
        String strict = pattern.endsWith("$") ? pattern.substring(0, pattern.length() - 1) + "\\z" : pattern;
        return Pattern.compile(strict).matcher(text).find();
    }

    private void number(String path, JsonNode value, JsonNode schema, String description) {
        boolean fits = value.canConvertToLong();
        if (!fits
                || value.longValue() < schema.path("minimum").asLong(Long.MIN_VALUE)
                || value.longValue() > schema.path("maximum").asLong(Long.MAX_VALUE)) {
            problems.add(path + ": " + shown(value) + " is not allowed; give "
                    + schema.path("minimum").asText("any number") + " to "
                    + schema.path("maximum").asText("any number") + ": " + description);
        }
    }

    private void rules(String path, JsonNode value, JsonNode schema) {
        for (JsonNode validation : schema.path("x-kubernetes-validations")) {
            String rule = validation.path("rule").textValue();
            if (!SchemaRules.holds(rule, value)) {
                problems.add((path.isEmpty() ? "" : path + ": ")
                        + validation.path("message").asText(rule)
                        + (value.isContainerNode() ? "" : ", not " + shown(value)));
            }
        }
        value.properties().forEach(field -> {
            if (!absent(field.getValue())) {
                rules(
                        inside(path, field.getKey()),
                        field.getValue(),
                        schema.path("properties").path(field.getKey()));
            }
        });
        for (int i = 0; value.isArray() && i < value.size(); i++) {
            rules(path + "[" + i + "]", value.path(i), schema.path("items"));
        }
    }

    /** A null counts as not given, as it does for the API server. */
    private static boolean absent(JsonNode value) {
        return value.isMissingNode() || value.isNull();
    }

    private static List<String> strings(JsonNode list) {
        return StreamSupport.stream(list.spliterator(), false)
                .map(JsonNode::textValue)
                .toList();
    }

    private static String inside(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    private static String shown(JsonNode value) {
        String text = value.isTextual() ? value.textValue() : value.toString();
        String cut = text.length() > SHOWN_CHARACTERS ? text.substring(0, SHOWN_CHARACTERS) + "..." : text;
        return value.isTextual() ? "'" + Terminal.oneLine(cut) + "'" : Terminal.oneLine(cut);
    }

    private static JsonNode load() {
        try (InputStream in = Objects.requireNonNull(JobSchema.class.getResourceAsStream(RESOURCE), RESOURCE)) {
            ObjectNode schema = (ObjectNode) Documents.yaml()
                    .readTree(in)
                    .path("spec")
                    .path("versions")
                    .path(0)
                    .path("schema")
                    .path("openAPIV3Schema");
            ObjectNode fields = (ObjectNode) schema.path("properties");
            // Of these three the API server knows itself what they are; what is in a status given here is dropped
            // there.
            for (String known : List.of("apiVersion", "kind", "metadata", "status")) {
                fields.set(known, JsonNodeFactory.instance.objectNode());
            }
            return schema;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
