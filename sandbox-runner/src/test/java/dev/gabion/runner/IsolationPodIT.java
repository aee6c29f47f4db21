// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.v1alpha1.Control;
import dev.gabion.api.v1alpha1.ControlName;
import dev.gabion.api.v1alpha1.ControlState;
import dev.gabion.api.v1alpha1.IsolationLevel;
import dev.gabion.api.v1alpha1.LimitHit;
import dev.gabion.api.v1alpha1.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is left where no namespaces can be made, and that the status says so. */
@Timeout(60)
class IsolationPodIT {

    @Test
    void aProgramRunsAndTheStatusSaysWhatIsMissing() {
        Jobs.Run run = Jobs.python("""
                import os
                print(open('data.txt').read(), os.environ['HOME'] == os.getcwd())
                open('kept.txt', 'w').write('kept')
                """)
                .file("data.txt", "beside")
                .outputs("*.txt")
                .level(IsolationLevel.Pod)
                .run();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.OK);
        assertThat(run.stdout()).isEqualTo("beside True\n");
        assertThat(run.kept()).containsKey("kept.txt");
        assertThat(state(run, ControlName.PidNamespace)).isEqualTo(ControlState.NotApplicable);
        assertThat(state(run, ControlName.ReadOnlyRoot)).isEqualTo(ControlState.NotApplicable);
        assertThat(state(run, ControlName.Seccomp)).isEqualTo(ControlState.Present);
        assertThat(state(run, ControlName.NoNewPrivileges)).isEqualTo(ControlState.Present);
        assertThat(state(run, ControlName.NoCapabilities)).isEqualTo(ControlState.Present);
    }

    @Test
    void theRunnerCannotBeSignalled() {
        Jobs.Run parent = Jobs.python("import os; os.kill(int(os.environ['VICTIM']), 9)")
                .env("VICTIM", Long.toString(ProcessHandle.current().pid()))
                .level(IsolationLevel.Pod)
                .run();
        Jobs.Run everybody = Jobs.python("import os; os.kill(-1, 9)")
                .level(IsolationLevel.Pod)
                .run();

        assertThat(parent.result().verdict()).as(parent.toString()).isEqualTo(Verdict.SecurityViolation);
        assertThat(parent.result().reasons().getFirst().observed()).isEqualTo("kill");
        assertThat(everybody.result().verdict()).as(everybody.toString()).isEqualTo(Verdict.SecurityViolation);
    }

    /** The filter knows the runner's number, not those of its threads; a signal to one of them ends the whole, too. */
    @Test
    void aThreadOfTheRunnerCannotBeSignalled() throws IOException {
        String runner = Long.toString(ProcessHandle.current().pid());
        String thread;
        try (Stream<Path> threads = Files.list(Path.of("/proc/self/task"))) {
            thread = threads.map(path -> path.getFileName().toString())
                    .filter(number -> !number.equals(runner))
                    .findFirst()
                    .orElseThrow();
        }
        Jobs.Run run =
                Jobs.python("""
                import os
                for victim in (int(os.environ['VICTIM']), os.getppid()):
                    try: os.kill(victim, 0); print('reached')
                    except OSError as e: print(e.errno)
                """).env("VICTIM", thread).level(IsolationLevel.Pod).run();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.OK);
        assertThat(run.stdout()).isEqualTo("1\n1\n");
    }

    /** Landlock closes /proc: the environment and memory of the runner are out of reach. */
    @Test
    void theRunnersProcIsClosedAndNothingElseCanBeWritten() {
        Jobs.Run run = Jobs.python("""
                import os
                for path in ('/proc/' + os.environ['VICTIM'] + '/environ', '/proc/' + os.environ['VICTIM'] + '/mem', '/etc/shadow'):
                    try: open(path, 'rb').read(1); print('read', path)
                    except OSError as e: print(e.errno)
                try: open('/tmp/written', 'w'); print('written')
                except OSError as e: print(e.errno)
                """)
                .env("VICTIM", Long.toString(ProcessHandle.current().pid()))
                .level(IsolationLevel.Pod)
                .run();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.OK);
        assertThat(run.stdout()).isEqualTo("13\n13\n13\n13\n");
    }

    /** No file system bounds the work directory here: the runner counts. */
    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "open(f'{i}', 'w').close()",
                "open(f'{i}', 'wb').write(bytes(1 << 20))",
                "os.mkdir('d'); os.chdir('d')"
            })
    void aWorkDirectoryThatIsTooFullEndsTheGuest(String more) {
        Jobs.Run run = Jobs.python("""
                import os, time
                for i in range(1_000_000):
                    %s
                    if i %% 20 == 0: time.sleep(0.001)
                """.formatted(more))
                .scratch(4 * Jobs.MI)
                .level(IsolationLevel.Pod)
                .run();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.FileSizeExceeded);
        assertThat(run.result().reasons().getFirst().code()).isEqualTo("ScratchLimit");
        assertThat(run.result().limitsHit()).extracting(LimitHit::limit).contains("scratchSize");
    }

    /** How full the disk is on which the work directory lies is nobody's limit. */
    @Test
    void aWorkDirectoryThatIsNotFullIsNotSaidToBe() {
        Jobs.Run run = Jobs.python("open('a', 'w').write('x' * 1000); import time; time.sleep(0.2)")
                .level(IsolationLevel.Pod)
                .run();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.OK);
        assertThat(run.result().limitsHit()).isEmpty();
    }

    @Test
    void limitsAndClocksHoldAndNothingSurvives() {
        String mark = "gabion-pod-survivor-" + System.nanoTime();
        Jobs.Run run =
                Jobs.python("""
                import os, sys, time
                if os.fork() == 0:
                    os.setsid()
                    if os.fork() == 0: os.execv('/bin/sleep', [sys.argv[1], '60'])
                    os._exit(0)
                while True: pass
                """).args(mark).level(IsolationLevel.Pod).cpu(300).run();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.CpuTimeExceeded);
        assertThat(ProcessHandle.allProcesses()
                        .map(process -> process.info().commandLine().orElse(""))
                        .filter(line -> line.contains(mark)))
                .isEmpty();
    }

    @Test
    void aProgramIsCompiledHereToo() {
        Jobs.Run run = Jobs.c("#include <stdio.h>\nint main(void) { puts(\"built\"); return 0; }")
                .level(IsolationLevel.Pod)
                .run();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.OK);
        assertThat(run.stdout()).isEqualTo("built\n");
    }

    private static ControlState state(Jobs.Run run, ControlName name) {
        return run.controls().stream()
                .filter(control -> control.name() == name)
                .map(Control::state)
                .findFirst()
                .orElseThrow();
    }
}
