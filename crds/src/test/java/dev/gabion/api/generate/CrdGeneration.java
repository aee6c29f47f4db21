// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.generate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.gabion.api.limits.LimitsResolver;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxRuntime;
import io.fabric8.crdv2.generator.CRDGenerator;
import io.fabric8.crdv2.generator.CRDPostProcessor;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceColumnDefinitionBuilder;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.api.model.apiextensions.v1.JSONSchemaProps;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRule;
import io.fabric8.kubernetes.api.model.apiextensions.v1.ValidationRuleBuilder;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The CRDs as YAML: Fabric8's generator reads the Java types, this class adds what it cannot say. */
final class CrdGeneration {
    private static final String HEADER = """
        # SPDX-License-Identifier: Apache-2.0
        # Copyright The Gabion Authors
        # Generated from the Java types in crds/src/main/java by `make crds`. Do not edit.
        """;

    /** The core API's own pattern of a quantity (k8s.io/apimachinery, api/resource), as controller-gen writes it. */
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final String QUANTITY_PATTERN =
            "^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE]|([eE](\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))))?$";

    private static final Pattern BOUND = Pattern.compile("(?m)((?:minimum|maximum): )([0-9.E]+)$");

    private static final Pattern BOOLEAN_WORD = Pattern.compile("(?m)^( *- )(True|False)$");

    /** What of a job may be changed at any time. */
    private static final Set<String> CHANGEABLE = Set.of("suspend", "cancel", "ttlSecondsAfterFinished");

    /** Each CRD's file name with its text. */
    static Map<String, String> generate() {
        Map<String, ByteArrayOutputStream> out = new TreeMap<>();
        new CRDGenerator()
                .withParallelGenerationEnabled(false)
                .withMinQuotes(true)
                .forCRDVersions("v1")
                .withPostProcessor(new Completion())
                .withOutput(new MemoryOutput(out))
                .customResourceClasses(SandboxJob.class, SandboxRuntime.class)
                .generate();
        Map<String, String> files = new TreeMap<>();
        out.forEach((name, bytes) -> files.put(
                fileName(name), HEADER + quoted(integerBounds(stripPreamble(bytes.toString(StandardCharsets.UTF_8))))));
        return files;
    }

    private static String fileName(String outputName) {
        return (outputName.endsWith("-v1") ? outputName.substring(0, outputName.length() - 3) : outputName) + ".yaml";
    }

    private static String stripPreamble(String yaml) {
        return yaml.lines()
                .dropWhile(line -> line.startsWith("#") || line.equals("---"))
                .reduce(new StringBuilder(), (sb, l) -> sb.append(l).append('\n'), StringBuilder::append)
                .toString();
    }

    /** Fabric8's model holds bounds as doubles: 86400000 comes out as 8.64E7. */
    private static String integerBounds(String yaml) {
        return BOUND.matcher(yaml).replaceAll(m -> m.group(1) + new BigDecimal(m.group(2)).toBigIntegerExact());
    }

    /** The generator writes the words of a condition's status without quotes: readers of YAML take them for booleans. */
    private static String quoted(String yaml) {
        return BOOLEAN_WORD.matcher(yaml).replaceAll("$1\"$2\"");
    }

    private static HasMetadata complete(CustomResourceDefinition crd) {
        crd.getSpec().getNames().setCategories(List.of("gabion"));
        var version = crd.getSpec().getVersions().getFirst();
        JSONSchemaProps root = version.getSchema().getOpenAPIV3Schema();
        each(root, CrdGeneration::completeQuantity);
        switch (crd.getSpec().getNames().getKind()) {
            case "SandboxJob" -> {
                root.setDescription("Untrusted code that is run to a verdict inside stacked isolation.");
                at(root, "spec")
                        .setDescription("What is to run, within which walls and limits. Once the job has started, only"
                                + " suspend, cancel and ttlSecondsAfterFinished can be changed.");
                at(root, "status").setDescription("What became of the job; written by the operator.");
                listMap(at(root, "spec.env"), "name");
                at(root, "spec.outputs").setXKubernetesListType("set");
                listMap(at(root, "status.conditions"), "type");
                listMap(at(root, "status.limitsHit"), "limit");
                listMap(at(root, "status.controls"), "name");
                listMap(at(root, "status.outputs"), "path");
                listMap(at(root, "status.attemptRecords"), "number");
                completeConditions(at(root, "status.conditions"));
                freezeOnceStarted(root);
                version.setAdditionalPrinterColumns(List.of(
                        column("Phase", "string", ".status.phase", 0, "One word for people"),
                        column("Verdict", "string", ".status.verdict", 0, "How the guest ended"),
                        column("Runtime", "string", ".spec.runtime", 0, "SandboxRuntime"),
                        column("Exit", "integer", ".status.exitCode", 0, "Exit code of the guest"),
                        column("CPU ms", "integer", ".status.usage.cpuTimeMilliseconds", 0, "CPU time of the guest"),
                        column("Wall ms", "integer", ".status.usage.wallTimeMilliseconds", 0, "Time on the wall"),
                        column("Age", "date", ".metadata.creationTimestamp", 0, "Since creation"),
                        column("Peak bytes", "integer", ".status.usage.peakMemoryBytes", 1, "Most memory at one time"),
                        column("Attempts", "integer", ".status.attempts", 1, "Attempts begun"),
                        column("Queue", "string", ".status.queuePosition", 1, "Place in the namespace's queue"),
                        column("Pod", "string", ".status.podName", 1, "Pod of the latest attempt"),
                        column("Reason", "string", ".status.reasons[0].message", 1, "Why the verdict is what it is")));
            }
            case "SandboxRuntime" -> {
                root.getProperties().remove("status");
                version.setSubresources(null);
                root.setDescription(
                        "A way to run programs that the administrator offers: the menu from which jobs choose.");
                at(root, "spec").setDescription("How the runtime's programs are run, and what they may use at most.");
                listMap(at(root, "spec.env"), "name");
                at(root, "spec.imagePullSecrets").setXKubernetesListType("set");
                at(root, "spec.seccompProfiles").setXKubernetesListType("set");
                listMap(at(root, "spec.customSeccompProfiles"), "name");
                at(root, "spec.requiredControls").setXKubernetesListType("set");
                completeTolerations(at(root, "spec.tolerations"));
                JSONSchemaProps nodeSelector = at(root, "spec.nodeSelector");
                nodeSelector.setMaxProperties(16L);
                nodeSelector.getAdditionalProperties().getSchema().setMaxLength(63L);
                defaultsWithinMaximum(at(root, "spec"));
                otherwise(
                        at(root, "spec.defaults"),
                        JSON.valueToTree(LimitsResolver.PLATFORM_DEFAULTS),
                        value -> "the platform's, " + value);
                otherwise(
                        at(root, "spec.maximum"),
                        JSON.valueToTree(LimitsResolver.PLATFORM_DEFAULTS),
                        value -> "what defaults comes to, so that nothing may exceed it");
                version.setAdditionalPrinterColumns(List.of(
                        column("Display", "string", ".spec.displayName", 0, "Name for people"),
                        column("Version", "string", ".spec.version", 0, "Version of the language"),
                        column("File", "string", ".spec.fileName", 0, "Name of the program's file"),
                        column("Memory", "string", ".spec.defaults.memory", 0, "Memory of a job that says nothing"),
                        column("Age", "date", ".metadata.creationTimestamp", 0, "Since creation"),
                        column("Image", "string", ".spec.image", 1, "Image of the runner")));
            }
            default ->
                throw new IllegalStateException(
                        "no completion for kind " + crd.getSpec().getNames().getKind());
        }
        root.getRequired().add("spec");
        return crd;
    }

    private static void completeQuantity(JSONSchemaProps schema) {
        if (Boolean.TRUE.equals(schema.getXKubernetesIntOrString())) {
            schema.setPattern(QUANTITY_PATTERN);
            schema.setMaxLength(32L);
            // The generator sees a record component's annotation twice, on the field and on the accessor.
            schema.setXKubernetesValidations(
                    schema.getXKubernetesValidations().stream().distinct().toList());
        }
    }

    /** The bounds of metav1.Condition (k8s.io/apimachinery, meta/v1/types.go). */
    private static void completeConditions(JSONSchemaProps conditions) {
        JSONSchemaProps item = conditions.getItems().getSchema();
        item.setRequired(List.of("type", "status", "reason", "message", "lastTransitionTime"));
        describe(item, "type", "Started, Complete or Failed.", 316, null);
        describe(item, "status", "True, False or Unknown.", null, null);
        at(item, "status").setEnum(List.of(text("True"), text("False"), text("Unknown")));
        describe(
                item, "reason", "Documented constant in PascalCase.", 1024, "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$");
        describe(item, "message", "Sentence for people.", 32768, null);
        describe(item, "lastTransitionTime", "When status last changed.", null, null);
        at(item, "lastTransitionTime").setFormat("date-time");
        describe(item, "observedGeneration", "The generation of the spec this condition speaks of.", null, null);
        at(item, "observedGeneration").setMinimum(0.0);
    }

    /**
     * One rule per field of the spec, at the root, because only there a rule sees the status. Objects are compared leaf by
     * leaf: the API server cannot estimate what comparing whole objects costs, and then refuses the rule.
     */
    private static void freezeOnceStarted(JSONSchemaProps root) {
        List<ValidationRule> rules = new ArrayList<>(root.getXKubernetesValidations());
        at(root, "spec").getProperties().forEach((field, schema) -> {
            if (!CHANGEABLE.contains(field)) {
                rules.add(new ValidationRuleBuilder()
                        .withRule(SandboxJob.NOT_STARTED_BEFORE + " || " + unchanged("spec." + field, schema))
                        .withMessage("spec.%s cannot be changed once the job has started; create a new job instead"
                                .formatted(field))
                        .withReason("FieldValueForbidden")
                        .build());
            }
        });
        root.setXKubernetesValidations(rules);
    }

    private static String unchanged(String path, JSONSchemaProps schema) {
        String before = "oldSelf." + path;
        String now = "self." + path;
        String same = schema.getProperties() == null || schema.getProperties().isEmpty()
                ? now + " == " + before
                : schema.getProperties().entrySet().stream()
                        .map(child -> unchanged(path + "." + child.getKey(), child.getValue()))
                        .collect(Collectors.joining(" && "));
        return "(has(%s) ? has(%s) && %s : !has(%s))".formatted(now, before, same, before);
    }

    /** One rule per limit, so that the message can name it. */
    private static void defaultsWithinMaximum(JSONSchemaProps spec) {
        List<ValidationRule> rules = new ArrayList<>(spec.getXKubernetesValidations());
        at(spec, "defaults").getProperties().forEach((limit, schema) -> {
            if (schema.getProperties() == null || schema.getProperties().isEmpty()) {
                rules.add(defaultWithinMaximum("", limit, schema));
            } else {
                schema.getProperties().forEach((inner, s) -> rules.add(defaultWithinMaximum(limit + ".", inner, s)));
            }
        });
        spec.setXKubernetesValidations(rules);
    }

    /** In a job a limit that is not given is the runtime's; in the runtime it is something else, which must be said there. */
    private static void otherwise(JSONSchemaProps limits, JsonNode platform, UnaryOperator<String> meaning) {
        limits.getProperties().forEach((limit, schema) -> {
            JsonNode value = platform.path(limit);
            if (value.isObject()) {
                otherwise(schema, value, meaning);
                return;
            }
            String before = schema.getDescription();
            String after = before.replace("Default: the runtime's.", "Default: " + meaning.apply(value.asText()) + ".");
            if (value.isMissingNode() || after.equals(before)) {
                throw new IllegalStateException("no platform default to tell of " + limit);
            }
            schema.setDescription(after);
        });
    }

    private static ValidationRule defaultWithinMaximum(String parent, String limit, JSONSchemaProps schema) {
        String field = parent + limit;
        String left = "self.defaults." + field;
        String right = "self.maximum." + field;
        String both = parent.isEmpty()
                ? "has(self.defaults) && has(self.maximum)"
                : "has(self.defaults) && has(self.maximum) && has(self.defaults.compile) && has(self.maximum.compile)";
        String within = Boolean.TRUE.equals(schema.getXKubernetesIntOrString())
                ? "quantity(string(%s)).compareTo(quantity(string(%s))) <= 0".formatted(left, right)
                : left + " <= " + right;
        return new ValidationRuleBuilder()
                .withRule("!(%s && has(%s) && has(%s)) || %s".formatted(both, left, right, within))
                .withMessage("defaults.%s must not exceed maximum.%s".formatted(field, field))
                .withReason("FieldValueInvalid")
                .build();
    }

    private static void completeTolerations(JSONSchemaProps tolerations) {
        JSONSchemaProps item = tolerations.getItems().getSchema();
        describe(item, "key", "Taint key; empty with operator Exists matches every taint.", 316, null);
        describe(item, "operator", "Exists or Equal. Default Equal.", null, null);
        at(item, "operator").setEnum(List.of(text("Exists"), text("Equal")));
        describe(item, "value", "Taint value, for operator Equal.", 63, null);
        describe(item, "effect", "NoSchedule, PreferNoSchedule or NoExecute; empty matches every effect.", null, null);
        at(item, "effect").setEnum(List.of(text("NoSchedule"), text("PreferNoSchedule"), text("NoExecute")));
        describe(item, "tolerationSeconds", "Seconds a NoExecute taint is tolerated. Default: for ever.", null, null);
    }

    private static JsonNode text(String value) {
        return TextNode.valueOf(value);
    }

    private static void describe(
            JSONSchemaProps parent,
            String field,
            String description,
            @Nullable Integer maxLength,
            @Nullable String pattern) {
        JSONSchemaProps schema = at(parent, field);
        schema.setDescription(description);
        if (maxLength != null) {
            schema.setMaxLength(maxLength.longValue());
        }
        if (pattern != null) {
            schema.setPattern(pattern);
        }
    }

    private static void listMap(JSONSchemaProps list, String key) {
        list.setXKubernetesListType("map");
        list.setXKubernetesListMapKeys(List.of(key));
    }

    private static CustomResourceColumnDefinition column(
            String name, String type, String path, int priority, String description) {
        return new CustomResourceColumnDefinitionBuilder()
                .withName(name)
                .withType(type)
                .withJsonPath(path)
                .withPriority(priority == 0 ? null : priority)
                .withDescription(description)
                .build();
    }

    static JSONSchemaProps at(JSONSchemaProps schema, String path) {
        JSONSchemaProps found = schema;
        for (String field : path.split("\\.", -1)) {
            found = found.getProperties().get(field);
            if (found == null) {
                throw new IllegalStateException("the schema has no field " + path);
            }
        }
        return found;
    }

    static void each(JSONSchemaProps schema, Consumer<JSONSchemaProps> visit) {
        visit.accept(schema);
        if (schema.getProperties() != null) {
            schema.getProperties().values().forEach(child -> each(child, visit));
        }
        if (schema.getItems() != null && schema.getItems().getSchema() != null) {
            each(schema.getItems().getSchema(), visit);
        }
        if (schema.getAdditionalProperties() != null
                && schema.getAdditionalProperties().getSchema() != null) {
            each(schema.getAdditionalProperties().getSchema(), visit);
        }
    }

    private static final class Completion implements CRDPostProcessor {
        @Override
        public HasMetadata process(HasMetadata crd, String crdVersion) {
            return complete((CustomResourceDefinition) crd);
        }
    }

    private record MemoryOutput(Map<String, ByteArrayOutputStream> out)
            implements CRDGenerator.CRDOutput<ByteArrayOutputStream> {
        @Override
        public ByteArrayOutputStream outputFor(String crdName) {
            return out.computeIfAbsent(crdName, name -> new ByteArrayOutputStream());
        }

        @Override
        public URI crdURI(String crdName) {
            return URI.create("file:///" + crdName);
        }

        @Override
        public void close() {}
    }

    private CrdGeneration() {}
}
