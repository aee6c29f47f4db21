// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gabion.api.v1alpha1.ApiGroup;
import dev.gabion.api.v1alpha1.CustomSeccompProfile;
import dev.gabion.api.v1alpha1.SandboxJobSpec;
import dev.gabion.cli.UserError;
import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A SandboxJob read from a file, as {@code kubectl apply} would: a field that does not exist is refused by name, not
 * skipped.
 *
 * @param name the job's name
 * @param spec its spec
 * @param profile the profile that spec.isolation.seccompProfile names, where it comes from a file
 */
public record JobFile(
        String name, SandboxJobSpec spec, @Nullable CustomSeccompProfile profile) {
    private static final String API_VERSION = ApiGroup.GROUP + "/" + ApiGroup.VERSION;

    /** A job whose profile is one of its runtime's. */
    public JobFile(String name, SandboxJobSpec spec) {
        this(name, spec, null);
    }

    /** Reads the file; {@code -} is standard input. */
    public static JobFile read(String file) {
        String text;
        try {
            text = file.equals("-")
                    ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
                    : Files.readString(Path.of(file));
        } catch (IOException e) {
            throw new UserError("--file: cannot read '" + file + "' as text: " + reason(e));
        }
        return parse(file, text);
    }

    static JobFile parse(String file, String text) {
        JsonNode root;
        try {
            root = Documents.yaml().readTree(text);
        } catch (JsonProcessingException e) {
            throw new UserError(file + ": not YAML: " + e.getOriginalMessage() + " (line "
                    + e.getLocation().getLineNr() + ")");
        }
        if (!(root instanceof ObjectNode object)) {
            throw new UserError(file + ": no object in it; a SandboxJob has apiVersion, kind, metadata and spec");
        }
        expect(file, object, "apiVersion", API_VERSION);
        expect(file, object, "kind", "SandboxJob");
        JsonNode spec = object.path("spec");
        if (!spec.isObject()) {
            throw new UserError(file + ": spec: missing");
        }
        checkFields(file, "spec", spec, SandboxJobSpec.class);
        try {
            SandboxJobSpec read = Documents.json().treeToValue(spec, SandboxJobSpec.class);
            if (!spec.hasNonNull("source")) {
                throw new UserError(file + ": spec.source: missing; give inline, configMapRef or secretRef");
            }
            return new JobFile(object.path("metadata").path("name").asText("job"), read);
        } catch (JsonProcessingException e) {
            throw new UserError(file + ": spec" + where(e));
        }
    }

    /** The place in the document and what is wrong there. */
    static String where(JsonProcessingException e) {
        String path = e instanceof com.fasterxml.jackson.databind.JsonMappingException mapping
                ? mapping.getPath().stream()
                        .map(part ->
                                part.getFieldName() == null ? "[" + part.getIndex() + "]" : "." + part.getFieldName())
                        .collect(Collectors.joining())
                : "";
        return path + ": " + firstLine(e.getOriginalMessage());
    }

    private static void expect(String file, JsonNode root, String field, String value) {
        String found = root.path(field).asText("");
        if (!found.equals(value)) {
            throw new UserError(file + ": " + field + ": '" + found + "' is not allowed here; give " + value);
        }
    }

    /** Walks the records of the API along the document. */
    static void checkFields(String file, String path, JsonNode node, Type type) {
        if (type instanceof ParameterizedType generic && generic.getRawType() == List.class) {
            for (int i = 0; i < node.size(); i++) {
                checkFields(file, path + "[" + i + "]", node.path(i), generic.getActualTypeArguments()[0]);
            }
            return;
        }
        if (!(type instanceof Class<?> record) || !record.isRecord() || !node.isObject()) {
            return;
        }
        RecordComponent[] components = record.getRecordComponents();
        for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            RecordComponent known = Arrays.stream(components)
                    .filter(component -> jsonName(component).equals(name))
                    .findFirst()
                    .orElseThrow(() -> new UserError(file + ": " + inside(path, name) + ": no such field; there are "
                            + Arrays.stream(components).map(JobFile::jsonName).collect(Collectors.joining(", "))));
            checkFields(file, inside(path, name), node.path(name), known.getGenericType());
        }
    }

    private static String inside(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    /** A field may be called what Java has a word of its own for. */
    private static String jsonName(RecordComponent component) {
        JsonProperty other = component.getAccessor().getAnnotation(JsonProperty.class);
        return other == null ? component.getName() : other.value();
    }

    static String reason(IOException e) {
        return switch (e) {
            case java.nio.file.NoSuchFileException missing -> "there is no such file";
            case java.nio.file.AccessDeniedException denied -> "permission denied";
            case java.nio.charset.CharacterCodingException coding -> "it is not UTF-8";
            default -> String.valueOf(e.getMessage());
        };
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse(text);
    }
}
