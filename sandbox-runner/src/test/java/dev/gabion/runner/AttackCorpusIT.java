// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gabion.api.v1alpha1.Control;
import dev.gabion.api.v1alpha1.ControlName;
import dev.gabion.api.v1alpha1.ControlState;
import dev.gabion.api.v1alpha1.IsolationLevel;
import dev.gabion.api.v1alpha1.ProcMount;
import dev.gabion.api.v1alpha1.Verdict;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every program of the attack corpus (attacks/README.md) through the engine in the full isolation: it must end with the
 * verdict that its head names, stopped by the control that its head names. What happens without that control is the
 * business of attacks/check.py, which asks the launcher alone.
 */
class AttackCorpusIT {
    private static final Path CORPUS = Path.of("attacks");
    private static final Path NODE = Path.of("/usr/bin/node");
    private static final Path GCC = Path.of("/usr/bin/gcc");
    private static final Pattern INSIDE = Pattern.compile("inside (\\d+)");

    /** One program with its head. */
    record Attack(Path file, Map<String, String> head) {
        String value(String key, String otherwise) {
            return head.getOrDefault(key, otherwise);
        }

        String ending() {
            String name = file.getFileName().toString();
            return name.substring(name.lastIndexOf('.') + 1);
        }

        @Override
        public String toString() {
            return CORPUS.relativize(file).toString();
        }
    }

    static Stream<Attack> attacks() throws IOException {
        try (Stream<Path> tree = Files.walk(CORPUS)) {
            List<Path> programs = tree.filter(path -> path.toString().matches(".*/.*/.*\\.(py|c|sh|js)"))
                    .sorted()
                    .toList();
            return programs.stream().map(AttackCorpusIT::read);
        }
    }

    @Test
    void theCorpusIsLargeEnough() throws IOException {
        assertThat(attacks()).hasSizeGreaterThanOrEqualTo(80);
        assertThat(attacks().map(Attack::ending).distinct()).containsExactlyInAnyOrder("py", "c", "sh", "js");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("attacks")
    @Timeout(60)
    void isStopped(Attack attack) throws IOException, InterruptedException {
        boolean c = attack.ending().equals("c");
        assumeTrue(!c || Files.isExecutable(GCC), "no /usr/bin/gcc here (test-packages.txt)");
        assumeTrue(
                !attack.ending().equals("js") || Files.isExecutable(NODE), "no /usr/bin/node here (test-packages.txt)");
        assumeTrue(
                attack.value("arch", "x86_64").equals("x86_64")
                        && (attack.head().get("arch") == null
                                || System.getProperty("os.arch").equals("amd64")),
                "only for " + attack.value("arch", "any"));

        Jobs.Run run = job(attack).run();

        String said = lastLine(run.stdout());
        String expect = attack.value("expect", "");
        boolean contained = run.result().verdict() == Verdict.OK && said.startsWith("CONTAINED");
        String ended = contained ? "contained" : run.result().verdict().name();
        assertThat(ended).as("%s: %s", attack, run).isEqualTo(expect);
        assertThat(run.stdout()).as(run.toString()).doesNotContain("ESCAPED");
        if (run.result().verdict() == Verdict.SecurityViolation && attack.head().containsKey("syscall")) {
            assertThat(run.result().reasons().getFirst().observed()).startsWith(attack.value("syscall", ""));
        }
        if (contained && attack.head().containsKey("errno")) {
            assertThat(said).startsWith("CONTAINED " + attack.value("errno", ""));
        }
        assertControl(attack, run);
        assertNothingSurvives(run);
        for (Map.Entry<String, byte[]> kept : run.kept().entrySet()) {
            assertThat(new String(kept.getValue(), StandardCharsets.ISO_8859_1))
                    .as(kept.getKey())
                    .doesNotContain("root:x:0:0");
        }
    }

    /** What the interpreters run; C would be compiled once more for each. Bombs of the machine are not let off here. */
    static Stream<Attack> attacksForLevelPod() throws IOException {
        return attacks().filter(attack -> !attack.ending().equals("c")).filter(attack -> attack.value("needs", "")
                .isEmpty());
    }

    /** What is left without namespaces must stop it all the same, or its head says what else comes out. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("attacksForLevelPod")
    @Timeout(60)
    void isStoppedAtLevelPod(Attack attack) throws IOException {
        assumeTrue(
                !attack.ending().equals("js") || Files.isExecutable(NODE), "no /usr/bin/node here (test-packages.txt)");

        Jobs.Run run = job(attack).level(IsolationLevel.Pod).run();

        boolean contained =
                run.result().verdict() == Verdict.OK && lastLine(run.stdout()).startsWith("CONTAINED");
        String verdict = contained ? "contained" : run.result().verdict().name();
        String ended = run.stdout().contains("ESCAPED") ? "Escape" : verdict;
        assertThat(ended).as("%s: %s", attack, run).isEqualTo(attack.value("pod", attack.value("expect", "")));
    }

    /** The control that must stop it was there before the guest started. */
    private static void assertControl(Attack attack, Jobs.Run run) {
        ControlName name = ControlName.valueOf(attack.value("control", ""));
        if (name == ControlName.CgroupMemory
                || (name == ControlName.ProcHidden && attack.value("needs", "").contains("proc"))) {
            return; // watched by the engine here; and a /proc that was asked for is not hidden
        }
        if (Requirements.OF_THE_POD.contains(name)) {
            return; // no pod here: that the guest was contained all the same is what this test shows
        }
        assertThat(run.controls())
                .filteredOn(control -> control.name() == name)
                .extracting(Control::state)
                .containsExactly(ControlState.Present);
    }

    /** No process is left in the guest's pid namespace, whose number its probe told. */
    private static void assertNothingSurvives(Jobs.Run run) throws InterruptedException {
        String evidence = run.controls().stream()
                .filter(control -> control.name() == ControlName.PidNamespace)
                .map(control -> String.valueOf(control.evidence()))
                .findFirst()
                .orElse("");
        Matcher inside = INSIDE.matcher(evidence);
        assertThat(inside.find()).as(evidence).isTrue();
        String namespace = "pid:[" + inside.group(1) + "]";
        // The init itself may still be on its way out.
        List<String> left = processesIn(namespace);
        for (int i = 0; i < 40 && !left.isEmpty(); i++) {
            Thread.sleep(50);
            left = processesIn(namespace);
        }
        assertThat(left).as("processes that outlived the verdict: %s", run).isEmpty();
    }

    private static List<String> processesIn(String namespace) {
        List<String> found = new ArrayList<>();
        String[] names = Path.of("/proc").toFile().list();
        for (String name : names == null ? new String[0] : names) {
            try {
                if (name.matches("\\d+")
                        && Files.readSymbolicLink(Path.of("/proc", name, "ns", "pid"))
                                .toString()
                                .equals(namespace)) {
                    found.add(name);
                }
            } catch (IOException e) {
                // It ended while it was looked at, or it is somebody else's.
            }
        }
        return found;
    }

    private static Jobs job(Attack attack) throws IOException {
        String program = Files.readString(attack.file());
        Jobs job =
                switch (attack.ending()) {
                    case "py" -> Jobs.python(program);
                    case "sh" -> Jobs.bash(program);
                    case "js" -> Jobs.node(program).memory(512 * Jobs.MI);
                    // The corpus' own options: an optimizer would leave out what looks useless.
                    default ->
                        Jobs.c(program).compile("/usr/bin/gcc", "-std=gnu17", "-w", "-o", "{out}", "{file}", "-lm");
                };
        if (attack.value("needs", "").contains("proc")) {
            job.proc(ProcMount.Private);
        }
        if (attack.toString().startsWith("results/")) {
            job.outputs("result*", "*.txt");
        }
        for (String limit : attack.value("limits", "").split(" ", -1)) {
            if (!limit.isBlank()) {
                String[] parts = limit.split("=", 2);
                limit(job, parts[0], parts[1]);
            }
        }
        return job;
    }

    private static void limit(Jobs job, String name, String value) {
        switch (name) {
            case "cpuTimeMilliseconds" -> job.cpu(number(value));
            case "wallTimeMilliseconds" -> job.wall(number(value));
            case "memory" -> job.memory(number(value));
            case "processes" -> job.processes((int) number(value));
            case "openFiles" -> job.openFiles((int) number(value));
            case "outputBytes" -> job.output(number(value));
            case "fileSize" -> job.fileSize(number(value));
            case "scratchSize" -> job.scratch(number(value));
            default -> throw new IllegalArgumentException("limits: " + name);
        }
    }

    private static long number(String text) {
        Map<String, Long> units = Map.of("Ki", 1024L, "Mi", 1024L * 1024, "Gi", 1024L * 1024 * 1024);
        String unit = text.length() > 2 ? text.substring(text.length() - 2) : "";
        Long factor = units.get(unit);
        return factor == null ? Long.parseLong(text) : Long.parseLong(text.substring(0, text.length() - 2)) * factor;
    }

    private static String lastLine(String text) {
        String stripped = text.strip();
        return stripped.substring(stripped.lastIndexOf('\n') + 1);
    }

    private static Attack read(Path file) {
        Map<String, String> head = new TreeMap<>();
        try (Stream<String> lines = Files.lines(file)) {
            lines.limit(30).forEach(line -> {
                var match = java.util.regex.Pattern.compile(
                                "^(?://|#) (attack|expect|control|off|without|pod|syscall|errno|limits|bomb|arch|needs): (.*)$")
                        .matcher(line);
                if (match.matches()) {
                    head.putIfAbsent(
                            Objects.requireNonNull(match.group(1)),
                            Objects.requireNonNull(match.group(2)).strip());
                }
            });
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return new Attack(file, head);
    }
}
