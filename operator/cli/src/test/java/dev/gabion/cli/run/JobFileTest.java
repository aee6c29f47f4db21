// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gabion.cli.UserError;
import org.junit.jupiter.api.Test;

class JobFileTest {
    private static final String HEAD = """
            apiVersion: gabion.dev/v1alpha1
            kind: SandboxJob
            metadata: {name: hello}
            """;

    @Test
    void readsAJob() {
        JobFile job = JobFile.parse("job.yaml", HEAD + """
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
                "job.yaml: spec.limits.memroy: no such field; there are cpu, cpuTimeMilliseconds,");
        refused(
                "spec: {source: {inline: [{name: a}, {nam: b}]}}",
                "job.yaml: spec.source.inline[1].nam: no such field");
    }

    @Test
    void namesAFieldOfTheWrongKind() {
        refused("spec: {runtime: python, limits: {processes: many}}", "job.yaml: spec.limits.processes: ");
        refused("spec: {isolation: {level: process}}", "job.yaml: spec.isolation.level: ");
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
    }

    private static void refused(String spec, String message) {
        refusedWhole(HEAD + spec, message);
    }

    private static void refusedWhole(String yaml, String message) {
        assertThatThrownBy(() -> JobFile.parse("job.yaml", yaml))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith(message);
    }
}
