// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.v1alpha1.ConditionTypes;
import dev.gabion.api.v1alpha1.Reason;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.Verdict;
import dev.gabion.e2e.harness.JobYaml;
import dev.gabion.e2e.harness.Jobs;
import dev.gabion.e2e.harness.OnCluster;
import dev.gabion.e2e.harness.Scenario;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every verdict about a guest, each from a program that earns it. The jobs run side by side. */
@Order(10)
@OnCluster
class VerdictsE2E {
    /** A job, the verdict it must get, and the limit (by its field's name) that the first reason must name, if one. */
    record Case(String name, Verdict verdict, @Nullable String limit, String spec) {
        @Override
        public String toString() {
            return verdict + " " + name;
        }
    }

    private final Jobs jobs;

    VerdictsE2E(Jobs jobs) {
        this.jobs = jobs;
    }

    static List<Case> cases() {
        return List.of(
                new Case("hello", Verdict.OK, null, JobYaml.python("print('hello')")),
                new Case("exit-three", Verdict.NonZeroExit, null, JobYaml.python("import sys; sys.exit(3)")),
                new Case("abort", Verdict.Signalled, null, JobYaml.python("import os; os.abort()")),
                new Case(
                        "cpu-hog",
                        Verdict.CpuTimeExceeded,
                        "cpuTimeMilliseconds",
                        JobYaml.python("while True: pass", "limits: {cpuTimeMilliseconds: 500}")),
                new Case(
                        "cpu-hog-in-children",
                        Verdict.CpuTimeExceeded,
                        "cpuTimeMilliseconds",
                        JobYaml.python("""
                                import os
                                if os.fork() == 0:
                                    os.setsid()
                                    if os.fork() == 0:
                                        while True: pass
                                    os._exit(0)
                                os.wait()
                                while True: pass
                                """, "limits: {cpuTimeMilliseconds: 500}")),
                new Case(
                        "sleeper",
                        Verdict.WallTimeExceeded,
                        "wallTimeMilliseconds",
                        JobYaml.python(
                                "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)",
                                "limits: {wallTimeMilliseconds: 1500}")),
                new Case("memory-hog", Verdict.MemoryExceeded, "memory", JobYaml.python("""
                                hoard = []
                                while True: hoard.append(bytearray(4 << 20))
                                """, "limits: {memory: 64Mi}")),
                new Case(
                        "chatterbox",
                        Verdict.OutputExceeded,
                        "outputBytes",
                        JobYaml.python("while True: print('x' * 1000)", "limits: {outputBytes: 20000}")),
                new Case(
                        "fork-bomb",
                        Verdict.ProcessLimitExceeded,
                        "processes",
                        JobYaml.python("""
                                import os, time
                                while True:
                                    if os.fork() == 0:
                                        time.sleep(60)
                                """, "limits: {processes: 8}")),
                new Case(
                        "big-file",
                        Verdict.FileSizeExceeded,
                        "fileSize",
                        JobYaml.python("""
                                with open('big', 'wb') as big:
                                    while True: big.write(b'x' * 65536)
                                """, "limits: {fileSize: 1Mi}")),
                new Case(
                        "ptrace",
                        Verdict.SecurityViolation,
                        null,
                        JobYaml.python("import ctypes; print(ctypes.CDLL(None).ptrace(16, 1, 0, 0))")),
                new Case("bad-c", Verdict.CompileError, null, """
                        runtime: c
                        source:
                          inline:
                            - name: main.c
                              content: |
                                int main(void) { return nonsense; }
                        """));
    }

    @BeforeAll
    void applyAll() {
        cases().forEach(one -> jobs.apply(one.name(), one.spec()));
    }

    @Scenario(
            name = "Every verdict about a guest is reached, with the reason that names the limit",
            steps = {
                "Apply side by side: hello, exit 3, abort, a CPU hog, a CPU hog in escaped children, a sleeper that ignores"
                        + " SIGTERM, a memory hog, endless output, a fork bomb, a big file, ptrace, a C program that does not"
                        + " compile"
            },
            expected = {
                "Each gets its verdict after one attempt, Complete is True and Failed is not",
                "Where a limit ended the guest, the first reason names the field in spec.limits"
            })
    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void reachesItsVerdict(Case one) {
        SandboxJob job = jobs.awaitEnd(one.name());

        SandboxJobStatus status = Jobs.assertVerdict(job, one.verdict());
        assertThat(Jobs.hasCondition(job, ConditionTypes.COMPLETE)).isTrue();
        assertThat(Jobs.hasCondition(job, ConditionTypes.FAILED)).isFalse();
        assertThat(status.attempts()).isEqualTo(1);
        assertThat(status.usage()).isNotNull();
        if (one.limit() != null) {
            assertThat(status.reasons()).first().extracting(Reason::limit).isEqualTo(one.limit());
        }
        switch (one.verdict()) {
            case OK -> assertThat(Jobs.stdout(status)).contains("hello");
            case NonZeroExit -> assertThat(status.exitCode()).isEqualTo(3);
            case Signalled -> assertThat(status.signal()).isEqualTo("SIGABRT");
            case SecurityViolation ->
                assertThat(status.reasons())
                        .first()
                        .extracting(Reason::observed)
                        .asString()
                        .contains("ptrace");
            case CompileError -> assertThat(Jobs.stderr(status)).contains("nonsense");
            default -> assertThat(status.reasons()).isNotEmpty();
        }
    }
}
