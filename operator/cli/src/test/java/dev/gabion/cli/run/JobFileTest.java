// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gabion.api.v1alpha1.SandboxJobSpec;
import dev.gabion.api.v1alpha1.Source;
import dev.gabion.api.v1alpha1.SourceFile;
import dev.gabion.cli.ExitCode;
import dev.gabion.cli.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class JobFileTest {
    private static final String HEAD = """
            apiVersion: gabion.dev/v1alpha1
            kind: SandboxJob
            metadata: {name: hello}
            """;
    private static final String SPEC = "spec: {runtime: python, source: {inline: [{name: main.py, content: x}]}}\n";

    @Test
    void readsAJob() {
        JobFile job = parse(HEAD + """
                spec:
                  runtime: python
                  source: {inline: [{name: hello.py, content: "print(1)"}]}
                  args: [a, b]
                  limits: {memory: 64Mi, wallTimeMilliseconds: 2000}
                """);
        assertThat(job.name()).isEqualTo("hello");
        assertThat(job.spec().runtime()).isEqualTo("python");
        assertThat(job.spec().args()).containsExactly("a", "b");
        assertThat(job.spec().limitsOrNone().wallTimeMilliseconds()).isEqualTo(2000);
        assertThat(String.valueOf(job.spec().limitsOrNone().memory())).isEqualTo("64Mi");
    }

    @Test
    void namesAFieldThatDoesNotExist() {
        refused(
                "spec: {runtime: python, limits: {memroy: 64Mi}}",
                "spec.limits.memroy: no such field; there are compile, cpu, cpuTimeMilliseconds,");
        refused("spec: {source: {inline: [{name: a}, {nam: b}]}}", "spec.source.inline[1].nam: no such field");
    }

    @Test
    void namesAFieldOfTheWrongKind() {
        refused(
                "spec: {runtime: python, limits: {processes: many}}",
                "spec.limits.processes: must be of type integer, not 'many'");
        refused(
                "spec: {isolation: {level: process}}",
                "spec.isolation.level: 'process' is not allowed; give Pod or Process");
    }

    @Test
    void refusesWhatIsNoJob() {
        refusedWhole(
                "kind: Pod\napiVersion: v1\n",
                "job.yaml: apiVersion: 'v1' is not allowed here; give gabion.dev/v1alpha1");
        refusedWhole("[", "job.yaml: not YAML: ");
        refusedWhole("", "job.yaml: no object in it");
        refusedWhole(HEAD, "job.yaml: spec: missing");
        refused("spec: {runtime: python}", "job.yaml: spec.source: missing");
        refusedWhole(HEAD + SPEC + "---\n" + HEAD + SPEC, "job.yaml: 2 documents; give one job at a time");
        refusedWhole(HEAD + SPEC + "spec: {}\n", "job.yaml: not YAML: Duplicate field 'spec'");
        refusedWhole(HEAD.replace("hello", "Hello_") + SPEC, "job.yaml: metadata.name: 'Hello_' is not allowed");
        refusedWhole("specc: 1\n" + HEAD + SPEC, "job.yaml: specc: no such field");
    }

    @Test
    void anEmptyDocumentIsNone() {
        assertThat(parse("---\n" + HEAD + SPEC + "---\n").name()).isEqualTo("hello");
    }

    @Test
    void aRuntimeThatIsGivenTakesThePlaceOfTheFiles() {
        assertThat(JobFile.parse("job.yaml", HEAD + SPEC.replace("runtime: python, ", ""), "bash")
                        .spec()
                        .runtime())
                .isEqualTo("bash");
        refusedWhole(HEAD + SPEC.replace("runtime: python, ", ""), "job.yaml: spec.runtime: missing");
    }

    /** As the API server's own tests have it: what it refuses of a new job is refused here, by the same field or rule. */
    @ParameterizedTest
    @MethodSource("corpus")
    void whatTheApiServerRefusesIsRefusedHere(Path file) throws IOException {
        String text = Files.readString(file);
        if (name(file).startsWith("valid-")) {
            assertThat(parse(text).spec().runtime()).isNotEmpty();
            return;
        }
        Stream<String> expected = text.lines()
                .filter(line -> line.startsWith("# expect: "))
                .map(line -> line.substring("# expect: ".length()))
                .map(line -> {
                    Matcher path = PATH.matcher(line);
                    Matcher rule = RULE.matcher(line);
                    return rule.matches() ? rule.group(1) : path.lookingAt() ? path.group(1) : line;
                });
        String[] wanted = expected.toArray(String[]::new);
        assertThat(wanted).isNotEmpty();
        assertThatThrownBy(() -> parse(text))
                .isInstanceOfSatisfying(
                        UserError.class, error -> assertThat(error.exitCode()).isEqualTo(ExitCode.USAGE))
                .hasMessageStartingWith("job.yaml: ")
                .message()
                .contains(wanted)
                .doesNotContainPattern("[\\x00-\\x1f]");
    }

    /** A field's path, as the API server begins its answers with it. */
    private static final Pattern PATH = Pattern.compile("(?:unknown field \")?(spec(?:[.][A-Za-z0-9]+|\\[[0-9]+])*)");

    /** A rule's message behind a path. */
    private static final Pattern RULE = Pattern.compile("[^ ]+: Invalid value: \"object\": (.*)");

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }

    static List<Path> corpus() throws IOException {
        try (Stream<Path> files =
                Files.list(Path.of(System.getProperty("gabion.root"), "crds/src/test/resources/corpus/SandboxJob"))) {
            List<Path> all = files.sorted().toList();
            assertThat(all).hasSizeGreaterThan(140);
            return all;
        }
    }

    @Test
    void everyRuleOfTheSchemaIsKnown() {
        List<String> rules = JobSchema.schema().findParents("rule").stream()
                .map(validation -> validation.path("rule").textValue())
                .filter(rule -> !SchemaRules.ofChanges(rule) && !SchemaRules.ofQuantity(rule))
                .toList();
        assertThat(rules).hasSameElementsAs(SchemaRules.known());
    }

    /** A constraint of a kind the check does not know would be let through. */
    @Test
    void everyConstraintOfTheSchemaIsKnown() {
        Set<String> words = new TreeSet<>();
        words(JobSchema.schema(), words);
        assertThat(words)
                .containsExactlyInAnyOrder(
                        "anyOf", // only with x-kubernetes-int-or-string
                        "default",
                        "description",
                        "enum",
                        "items",
                        "maxItems",
                        "maxLength",
                        "maximum",
                        "minItems",
                        "minLength",
                        "minimum",
                        "pattern",
                        "properties",
                        "required",
                        "type",
                        "x-kubernetes-int-or-string",
                        "x-kubernetes-list-map-keys",
                        "x-kubernetes-list-type",
                        "x-kubernetes-validations");
    }

    private static void words(JsonNode schema, Set<String> into) {
        schema.fieldNames().forEachRemaining(into::add);
        schema.path("properties").forEach(field -> words(field, into));
        if (schema.has("items")) {
            words(schema.path("items"), into);
        }
    }

    @Test
    void aQuantityIsWhatTheApiServerMakesOfIt() {
        assertThat(SchemaRules.amount("1.5Gi")).isEqualByComparingTo("1610612736");
        assertThat(SchemaRules.amount("1E")).isEqualByComparingTo("1e18");
        assertThat(SchemaRules.amount("1Ei")).isEqualByComparingTo("1152921504606846976");
        assertThat(SchemaRules.amount("1E3")).isEqualByComparingTo("1000");
        assertThat(SchemaRules.amount("1500m")).isEqualByComparingTo("1.5");
        assertThat(SchemaRules.amount("2n")).isEqualByComparingTo("2e-9");
        assertThat(SchemaRules.amount("1e1.5")).isNull();
        assertThat(SchemaRules.amount("1e999999999999")).isNull();
        assertThat(SchemaRules.amount("10%")).isNull();
    }

    @Test
    void whatFlagsMakeIsCheckedTheSame() {
        SandboxJobSpec.Builder job =
                SandboxJobSpec.builder().runtime("python").source(Source.inline(SourceFile.text("main.py", "")));
        JobFile.check("hello", job.outputs(List.of("a", "*.txt")).build());
        for (String wrong : new String[] {"", "../x", "/x", "a\nb", "a"}) {
            assertThatThrownBy(() -> JobFile.check(
                            "hello", job.outputs(List.of("a", wrong)).build()))
                    .as(wrong)
                    .isInstanceOf(UserError.class)
                    .hasMessageStartingWith("spec");
        }
    }

    private static JobFile parse(String yaml) {
        return JobFile.parse("job.yaml", yaml, null);
    }

    private static void refused(String spec, String message) {
        refusedWhole(HEAD + spec, message);
    }

    private static void refusedWhole(String yaml, String message) {
        assertThatThrownBy(() -> parse(yaml))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith("job.yaml: ")
                .hasMessageContaining(message);
    }
}
