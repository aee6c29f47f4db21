// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.run;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gabion.api.v1alpha1.ApiGroup;
import dev.gabion.api.v1alpha1.CustomSeccompProfile;
import dev.gabion.api.v1alpha1.SandboxJobSpec;
import dev.gabion.cli.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
    /** More than any job that the schema allows, escapes and comments included. */
    private static final int MAX_BYTES = 4 << 20;

    private static final String API_VERSION = ApiGroup.GROUP + "/" + ApiGroup.VERSION;

    /** A job whose profile is one of its runtime's. */
    public JobFile(String name, SandboxJobSpec spec) {
        this(name, spec, null);
    }

    /** Reads the file, {@code -} is standard input; a runtime given here takes the place of the file's. */
    static JobFile read(String file, @Nullable String runtime) {
        try (InputStream in = file.equals("-") ? System.in : Files.newInputStream(Path.of(file))) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new UserError("--file: '" + file + "': more than " + MAX_BYTES + " bytes");
            }
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return parse(file, text, runtime);
        } catch (IOException e) {
            throw new UserError("--file: cannot read '" + file + "' as text: " + reason(e));
        }
    }

    static JobFile parse(String file, String text, @Nullable String runtime) {
        JsonNode root;
        try {
            List<JsonNode> documents = documents(text);
            if (documents.size() > 1) {
                throw new UserError(file + ": " + documents.size() + " documents; give one job at a time");
            }
            root = documents.isEmpty() ? NullNode.getInstance() : documents.getFirst();
        } catch (JsonProcessingException e) {
            throw new UserError(file + ": not YAML: " + firstLine(e.getOriginalMessage()) + " (line "
                    + e.getLocation().getLineNr() + ")");
        }
        if (!(root instanceof ObjectNode object)) {
            throw new UserError(file + ": no object in it; a SandboxJob has apiVersion, kind, metadata and spec");
        }
        expect(file, object, "apiVersion", API_VERSION);
        expect(file, object, "kind", "SandboxJob");
        JsonNode spec = object.path("spec");
        if (runtime != null && spec instanceof ObjectNode fields) {
            fields.put("runtime", runtime);
        }
        JobSchema.check(file + ": ", object);
        try {
            SandboxJobSpec read = Documents.json().treeToValue(spec, SandboxJobSpec.class);
            return new JobFile(object.path("metadata").path("name").asText("job"), read);
        } catch (JsonProcessingException e) {
            throw new UserError(file + ": spec" + where(e));
        }
    }

    /** Refuses a job that flags made, or made another of, where the API server would. */
    static void check(String name, SandboxJobSpec spec) {
        ObjectNode job = Documents.json().createObjectNode();
        job.putObject("metadata").put("name", name);
        job.set("spec", Documents.json().valueToTree(spec));
        JobSchema.check("", job);
    }

    /** The documents that have anything in them. */
    private static List<JsonNode> documents(String text) throws JsonProcessingException {
        List<JsonNode> documents = new ArrayList<>();
        try (MappingIterator<JsonNode> all =
                Documents.yaml().readerFor(JsonNode.class).readValues(text)) {
            while (all.hasNextValue()) {
                JsonNode one = all.nextValue();
                if (one != null && !one.isNull() && !one.isMissingNode()) {
                    documents.add(one);
                }
            }
            return documents;
        } catch (JsonProcessingException e) {
            throw e;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
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
