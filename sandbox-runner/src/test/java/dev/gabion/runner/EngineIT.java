// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.v1alpha1.Control;
import dev.gabion.api.v1alpha1.ControlName;
import dev.gabion.api.v1alpha1.ControlState;
import dev.gabion.api.v1alpha1.LimitHit;
import dev.gabion.api.v1alpha1.OutputFile;
import dev.gabion.api.v1alpha1.Reason;
import dev.gabion.api.v1alpha1.ResolvedLimits;
import dev.gabion.api.v1alpha1.Usage;
import dev.gabion.api.v1alpha1.UsageSample;
import dev.gabion.api.v1alpha1.Verdict;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One real guest per verdict, limit and way out. */
@Timeout(60)
class EngineIT {

    /** A character, however many bytes it has, and whatever language somebody names his files in. */
    @Test
    void aQuestionMarkInOutputsStandsForACharacter() {
        Jobs.Run run = Jobs.python("""
                for name in ('é.txt', 'ab.txt', 'ü.csv', '日.csv', 'u.csv'):
                    open(name, 'w').write(name)
                """).outputs("?.txt", "[à-ü].csv").run();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.OK);
        assertThat(run.kept()).containsOnlyKeys("é.txt", "ü.csv");
    }

    @Test
    void aPythonProgramRunsToOk() {
        Jobs.Run run = Jobs.python("""
                import os, sys
                print('hello', sys.argv[1:], os.environ['COLOUR'], sys.stdin.read())
                print(os.getcwd(), open('data.txt').read())
                """)
                .file("data.txt", "beside the program")
                .args("a", "b c")
                .env("COLOUR", "blue")
                .stdin("from stdin")
                .run();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.OK);
        assertThat(run.result().exitCode()).isZero();
        assertThat(run.stdout()).isEqualTo("hello ['a', 'b c'] blue from stdin\n/work beside the program\n");
        assertThat(run.stderr()).isEmpty();
        assertThat(run.result().jobUid()).isEqualTo("6d1c4a0e-0000-4000-8000-000000000001");
        assertThat(run.result().startTime()).isNotNull();
        assertThat(usage(run).cpuTimeMilliseconds()).isPositive();
        assertThat(usage(run).peakMemoryBytes()).isGreaterThan(1_000_000);
        assertThat(usage(run).series()).isNotEmpty();
        assertThat(run.controls()).isNotEmpty().isEqualTo(run.result().controls());
    }

    @Test
    void anExitCodeIsReported() {
        Jobs.Run run = Jobs.bash("echo oops >&2; exit 7").run();

        assertThat(run.result().verdict()).isEqualTo(Verdict.NonZeroExit);
        assertThat(run.result().exitCode()).isEqualTo(7);
        assertThat(run.stderr()).isEqualTo("oops\n");
    }

    @Test
    void aSignalIsReportedByName() {
        Jobs.Run run = Jobs.python("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
                .run();

        assertThat(run.result().verdict()).isEqualTo(Verdict.Signalled);
        assertThat(run.result().signal()).isEqualTo("SIGSEGV");
        assertThat(run.result().exitCode()).isNull();
    }

    @Test
    void cpuTimeRunsOutForTheWholeTree() {
        Jobs.Run run = Jobs.python("""
                import os
                for _ in range(3):
                    os.fork()
                while True: pass
                """).cpu(500).wall(15_000).run();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.CpuTimeExceeded);
        assertThat(usage(run).cpuTimeMilliseconds()).isBetween(500L, 1_500L);
        assertThat(reason(run).limit()).isEqualTo("cpuTimeMilliseconds");
        assertThat(run.result().exitCode()).isNull();
    }

    @Test
    void cpuTimeOfChildrenThatNobodyWaitsForCounts() {
        Jobs.Run run = Jobs.python("""
                import os, signal, time
                signal.signal(signal.SIGCHLD, signal.SIG_IGN)
                gone, held = os.pipe()
                if os.fork() == 0:
                    end = time.process_time() + 0.6
                    while time.process_time() < end: pass
                    os._exit(0)
                os.close(held)
                os.read(gone, 1)
                """).run();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.OK);
        assertThat(usage(run).cpuTimeMilliseconds()).isBetween(550L, 1_500L);
    }

    @Test
    void wallTimeRunsOutForAGuestThatIgnoresSignals() {
        long before = System.nanoTime();
        Jobs.Run run = Jobs.python("""
                import signal, time
                for s in range(1, 32):
                    try: signal.signal(s, signal.SIG_IGN)
                    except OSError: pass
                print('asleep', flush=True)
                while True: time.sleep(100)
                """).wall(700).run();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.WallTimeExceeded);
        assertThat(run.stdout()).isEqualTo("asleep\n");
        assertThat(usage(run).wallTimeMilliseconds()).isBetween(700L, 2_000L);
        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(8));
    }

    @Test
    void memoryRunsOut() {
        Jobs.Run run = Jobs.python("""
                kept = []
                while True: kept.append(bytearray(b'x' * 1024 * 1024))
                """).memory(96 * Jobs.MI).run();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.MemoryExceeded);
        assertThat(usage(run).peakMemoryBytes()).isGreaterThan(90 * Jobs.MI);
        assertThat(limits(run)).contains("memory");
    }

    /** Each child alone is small; shared pages are counted once. */
    @Test
    void memoryOfAllProcessesTogetherRunsOut() {
        Jobs.Run run = Jobs.python("""
                import os, time
                for _ in range(5):
                    if os.fork() == 0:
                        kept = os.urandom(30 * 1024 * 1024)
                        time.sleep(20)
                time.sleep(20)
                """).memory(100 * Jobs.MI).run();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.MemoryExceeded);
    }

    @Test
    void outputIsCutAtTheExactByte() {
        Jobs.Run run = Jobs.python("""
                import sys
                while True:
                    sys.stdout.write('0123456789' * 100)
                    sys.stderr.write('abcdefghij' * 100)
                """).output(123_457).run();

        assertThat(run.result().verdict()).as(run.result().toString()).isEqualTo(Verdict.OutputExceeded);
        assertThat(run.stdoutBytes().length + run.stderrBytes().length).isEqualTo(123_457);
        assertThat(run.stdout()).startsWith("0123456789").matches("(0123456789)*[0-9]{0,9}");
        var output = Objects.requireNonNull(run.result().output());
        assertThat(Objects.requireNonNull(output.stdout()).truncated()).isTrue();
    }

    @Test
    void outputOfExactlyTheLimitIsOk() {
        Jobs.Run run = Jobs.python("import sys; sys.stdout.write('x' * 5000)")
                .output(5000)
                .run();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.OK);
        assertThat(run.stdoutBytes()).hasSize(5000);
    }

    @Test
    void aHundredMegabytesOfOutputAreTakenAndBounded() {
        Jobs.Run run = Jobs.bash("head -c 104857600 /dev/zero").output(Jobs.MI).run();

        assertThat(run.result().verdict()).as(run.result().toString()).isEqualTo(Verdict.OutputExceeded);
        assertThat(run.stdoutBytes()).hasSize((int) Jobs.MI);
    }

    @Test
    void whatATerminalWouldObeyIsEscapedInTheTail() {
        Jobs.Run run = Jobs.python("""
                import sys
                sys.stdout.buffer.write(b'a\\x00b\\xff\\x1b]0;title\\x07\\xc3\\xa9\\x1e{"kind":"result"}\\n')
                """).run();

        var output = Objects.requireNonNull(run.result().output());
        assertThat(Objects.requireNonNull(output.stdout()).tail())
                .isEqualTo("a\\x00b\\xff\\x1b]0;title\\x07é\\x1e{\"kind\":\"result\"}\n");
        assertThat(run.stdoutBytes())
                .isEqualTo("a\0b\u00ff\u001b]0;title\u0007\u00c3\u00a9\u001e{\"kind\":\"result\"}\n"
                        .getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void aForkBombIsHeldAtItsLimit() {
        Jobs.Run run = Jobs.python("""
                import os, time
                children = 0
                try:
                    while True:
                        if os.fork() == 0:
                            time.sleep(30)
                            os._exit(0)
                        children += 1
                except OSError as e:
                    print(children, e.errno, flush=True)
                    time.sleep(0.3)
                    raise
                """).processes(10).run();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.ProcessLimitExceeded);
        assertThat(run.stdout()).isEqualTo("9 11\n");
        assertThat(limits(run)).contains("processes");
        assertThat(usage(run).peakProcesses()).isEqualTo(10);
    }

    @Test
    void aLimitThatWasMetAndSurvivedIsToldBesideOk() {
        Jobs.Run run = Jobs.python("""
                import os, time
                n = 0
                try:
                    while True:
                        if os.fork() == 0:
                            time.sleep(5); os._exit(0)
                        n += 1
                except OSError: time.sleep(0.3)
                """).processes(6).run();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.OK);
        assertThat(limits(run)).containsExactly("processes");
    }

    /** It is over long before the next look, and known all the same: what is alive at the end is counted. */
    @Test
    void aBombOfProcessesThatEndsAtOnceIsSeen() {
        Jobs.Run run = Jobs.python("""
                import os, signal
                while True:
                    try:
                        if os.fork() == 0: signal.pause()
                    except OSError:
                        os._exit(3)
                """).processes(12).run();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.ProcessLimitExceeded);
        assertThat(run.result().reasons().getFirst().observed()).isEqualTo("12");
    }

    @Test
    void aFileThatGrowsTooLarge() {
        Jobs.Run run = Jobs.python("open('big', 'wb').write(b'x' * (3 * 1024 * 1024))")
                .fileSize(Jobs.MI)
                .run();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.FileSizeExceeded);
        assertThat(run.stderr()).contains("File too large");
        assertThat(limits(run)).contains("fileSize");
    }

    @Test
    void aFullWorkDirectoryIsToldAsALimitMet() {
        Jobs.Run run = Jobs.bash("""
                for i in 1 2 3 4 5 6 7 8; do head -c 1048576 /dev/zero > f$i || exit 3; done
                """).scratch(4 * Jobs.MI).run();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.NonZeroExit);
        assertThat(run.stderr()).contains("No space left on device");
        assertThat(limits(run)).contains("scratchSize");
    }

    @Test
    void openFilesAreLimited() {
        Jobs.Run run = Jobs.python("""
                import time
                kept = []
                try:
                    while True: kept.append(open('/dev/null'))
                except OSError as e:
                    print(e.errno)
                    time.sleep(0.5)
                """).openFiles(32).run();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.OK);
        assertThat(run.stdout()).isEqualTo("24\n");
        assertThat(limits(run)).containsExactly("openFiles");
    }

    @Test
    void aViolationNamesTheCallAndTheFamily() {
        Jobs.Run socket = Jobs.python("import socket; socket.socket()").run();
        Jobs.Run unshare = Jobs.bash("unshare -U true").run();

        assertThat(socket.result().verdict()).as(socket.toString()).isEqualTo(Verdict.SecurityViolation);
        assertThat(reason(socket).observed()).isEqualTo("socket(AF_INET)");
        assertThat(unshare.result().verdict()).as(unshare.toString()).isEqualTo(Verdict.SecurityViolation);
        assertThat(reason(unshare).observed()).isEqualTo("unshare");
    }

    @Test
    void aProgramIsCompiledInTheSandboxAndRun() {
        Jobs.Run run = Jobs.c("""
                #include <stdio.h>
                int main(int argc, char **argv) { printf("built %s\\n", argv[1]); return argc - 2; }
                """).args("well").run();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.OK);
        assertThat(run.stdout()).isEqualTo("built well\n");
    }

    @Test
    void aCompileErrorCarriesTheCompilersText() {
        Jobs.Run run = Jobs.c("int main(void) { return undeclared; }").run();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.CompileError);
        assertThat(run.stderr()).contains("undeclared").contains("main.c");
        assertThat(run.guestStarted()).isFalse();
    }

    /** The compiler includes a file of the machine's: it is not there. */
    @Test
    void theCompileStepIsInTheSandboxToo() {
        Jobs.Run run = Jobs.c("#include \"/etc/hostname\"\n#include \"/root/.bashrc\"\nint main(void) { return 0; }")
                .run();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.CompileError);
        assertThat(run.stderr()).contains("/etc/hostname: No such file");
    }

    @Test
    void aCompilerThatNeverEndsIsACompileErrorByItsOwnLimit() {
        Jobs.Run run = Jobs.c("int main(void) { return 0; }")
                .compile("/bin/bash", "-c", "while :; do :; done")
                .limits(l -> new dev.gabion.api.v1alpha1.ResolvedLimits(
                        l.cpuMillicores(),
                        l.cpuTimeMilliseconds(),
                        l.wallTimeMilliseconds(),
                        l.memoryBytes(),
                        l.processes(),
                        l.openFiles(),
                        l.outputBytes(),
                        l.fileSizeBytes(),
                        l.scratchSizeBytes(),
                        new dev.gabion.api.v1alpha1.ResolvedCompileLimits(
                                200, 20_000, 512 * Jobs.MI, 64, 256, 65_536, 64 * Jobs.MI)))
                .run();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.CompileError);
        assertThat(run.result().reasons()).extracting(Reason::code).contains("CompileFailed", "CpuTimeLimit");
        assertThat(run.result().reasons()).extracting(Reason::limit).contains("compile.cpuTimeMilliseconds");
    }

    @Test
    void nothingOfTheGuestSurvives() {
        String mark = "gabion-survivor-" + System.nanoTime();
        Jobs.Run run = Jobs.python("""
                import os, sys, time
                if os.fork() == 0:
                    os.setsid()
                    if os.fork() == 0:
                        for fd in (0, 1, 2): os.close(fd)
                        os.execv('/bin/sleep', [sys.argv[1], '60'])
                    os._exit(0)
                os.wait()
                time.sleep(0.2)
                """).args(mark).run();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.OK);
        assertThat(ProcessHandle.allProcesses()
                        .map(process -> process.info().commandLine().orElse(""))
                        .filter(line -> line.contains(mark)))
                .isEmpty();
    }

    @Test
    void aCancelledGuestEndsAtOnce() {
        Jobs.Run run = Jobs.python("import time; print('up', flush=True); time.sleep(60)")
                .start(options -> options);
        run.onStart(() -> Thread.ofPlatform().daemon().start(run.engine()::cancel));
        run.finish();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.Cancelled);
    }

    @Test
    void aCancelBeforeTheStartMeansThatNothingRuns() {
        Jobs.Run run = Jobs.bash("echo ran").start(options -> options);
        run.engine().cancel();
        run.finish();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.Cancelled);
        assertThat(run.stdout()).isEmpty();
    }

    @Test
    void filesAreKeptByPathAndGlobAndLinksAreNot() {
        Jobs.Run run = Jobs.bash("""
                mkdir out; printf one > out/a.txt; printf two > out/b.txt; printf no > out/c.bin
                ln -s /etc/passwd out/link.txt; printf top > top; printf unwanted > other
                """).outputs("out/*.txt", "top", "missing").run();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.OK);
        assertThat(run.kept()).containsOnlyKeys("out/a.txt", "out/b.txt", "top");
        assertThat(new String(run.kept().get("out/a.txt"), StandardCharsets.UTF_8))
                .isEqualTo("one");
        assertThat(run.result().outputs())
                .filteredOn(file -> file.path().equals("out/link.txt"))
                .singleElement()
                .satisfies(file -> {
                    assertThat(file.stored()).isFalse();
                    assertThat(file.message()).isEqualTo("not a regular file");
                });
    }

    /** The smallest that the API takes: the guest does not get far, but it is the guest that fails. */
    @Test
    void theSmallestLimitsEndInAVerdictAboutTheGuest() {
        Jobs.Run tiny = Jobs.python("print('hello')")
                .limits(l -> new ResolvedLimits(
                        l.cpuMillicores(), 1, 1, l.memoryBytes(), 1, 8, 1, 1, 64 * 1024, l.compile()))
                .run();
        Jobs.Run few = Jobs.bash("exec 3<data.txt; read -r line <&3; echo \"$line\"")
                .file("data.txt", "eight are enough\n")
                .limits(l -> new ResolvedLimits(
                        l.cpuMillicores(),
                        l.cpuTimeMilliseconds(),
                        l.wallTimeMilliseconds(),
                        l.memoryBytes(),
                        l.processes(),
                        8,
                        l.outputBytes(),
                        l.fileSizeBytes(),
                        l.scratchSizeBytes(),
                        l.compile()))
                .run();

        assertThat(tiny.result().verdict()).as(tiny.toString()).isNotEqualTo(Verdict.InternalError);
        assertThat(few.result().verdict()).as(few.toString()).isEqualTo(Verdict.OK);
        assertThat(few.stdout()).isEqualTo("eight are enough\n");
    }

    /** Whatever names a guest gives its files, the result keeps to the status' bounds and says what is not kept. */
    @Test
    void hostileNamesAreKeptApartOrSaidNotToBeKept() {
        Jobs.Run run = Jobs.python("""
                import os
                for name in (b'\\x01' * 80, b'\\x1b', b'\\\\x1b', b'\\xff', b'\\xfe', b'\\\\xff', b'plain'):
                    open(name + b'.txt', 'wb').write(name)
                os.mkdir('d' * 200)
                open('d' * 200 + '/' + 'f' * 200, 'w').close()
                """).outputs("*.txt", "d*/*", "missing-*").run();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.OK);
        assertThat(run.kept())
                .containsOnlyKeys("\\x1b.txt", "\\\\x1b.txt", "\\xff.txt", "\\xfe.txt", "\\\\xff.txt", "plain.txt");
        assertThat(run.kept().get("\\xfe.txt")).containsExactly(0xfe);
        assertThat(run.result().outputs()).extracting(OutputFile::path).doesNotHaveDuplicates();
        assertThat(Objects.requireNonNull(run.result().output()).message())
                .contains("2 files are not kept: their paths have more than 256 characters", "missing-*");
    }

    @Test
    void ofVeryManyFilesSomeAreAnnouncedAndTheRestIsCounted() {
        Jobs.Run run = Jobs.python("""
                for i in range(3000):
                    open(f'{i:04}' + 'n' * 200, 'w').close()
                """).outputs("*").run();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.OK);
        assertThat(run.kept()).isNotEmpty().hasSizeLessThanOrEqualTo(64);
        assertThat(run.result().outputs()).hasSizeLessThanOrEqualTo(96);
        assertThat(Objects.requireNonNull(run.result().output()).message()).contains("more files are not kept");
        assertThat(run.result().toJson()).hasSizeLessThan(500_000);
    }

    /** Scratch files are looked at for their size; the bound on kept bytes is for kept files. */
    @Test
    void whatIsNotWantedTakesNothingOfTheRoomForKeptFiles() {
        Jobs.Run run = Jobs.bash("""
                mkdir d
                for name in a b c z d/a d/z; do head -c 10000000 /dev/zero > $name; done
                head -c 10000000 /dev/zero > kept.bin
                """)
                .outputs("kept.bin")
                .scratch(100 * Jobs.MI)
                .fileSize(16 * Jobs.MI)
                .run();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.OK);
        assertThat(run.kept()).containsOnlyKeys("kept.bin");
        assertThat(run.kept().get("kept.bin")).hasSize(10_000_000);
    }

    @Test
    void aPathOutsideTheWorkDirectoryIsRefusedBeforeAnythingRuns() {
        Jobs.Run run = Jobs.bash("echo ran").outputs("../etc/passwd").run();

        assertThat(run.result().verdict()).isEqualTo(Verdict.InternalError);
        assertThat(reason(run).message()).contains("outputs").contains("../etc/passwd");
        assertThat(run.stdout()).isEmpty();
    }

    @Test
    void aRequiredControlThatIsAbsentStopsTheJobBeforeTheGuestRuns() {
        Jobs.Run run = Jobs.bash("echo ran").required(ControlName.CgroupMemory).run();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.InternalError);
        assertThat(reason(run).code()).isEqualTo("ControlAbsent");
        assertThat(reason(run).message()).contains("CgroupMemory");
        assertThat(run.stdout()).isEmpty();
        assertThat(run.guestStarted()).isFalse();
    }

    @Test
    void everyControlOfTheLevelIsProven() {
        Jobs.Run run = Jobs.bash("true").run();

        List<ControlName> proven = List.of(
                ControlName.UserNamespace,
                ControlName.PidNamespace,
                ControlName.MountNamespace,
                ControlName.NetworkNamespace,
                ControlName.IpcNamespace,
                ControlName.UtsNamespace,
                ControlName.UidMap,
                ControlName.ReadOnlyRoot,
                ControlName.NoNetworkInterface,
                ControlName.NoNewPrivileges,
                ControlName.NoCapabilities,
                ControlName.Landlock,
                ControlName.ResourceLimits,
                ControlName.Seccomp,
                ControlName.ProcHidden);
        assertThat(run.controls())
                .filteredOn(control -> proven.contains(control.name()))
                .hasSameSizeAs(proven)
                .allSatisfy(control -> {
                    assertThat(control.state()).as(control.toString()).isEqualTo(ControlState.Present);
                    assertThat(control.evidence()).isNotBlank();
                });
        assertThat(run.controls()).extracting(Control::name).contains(ControlName.NetworkPolicy);
    }

    @Test
    void aProgramThatIsNotThereIsThePlatformsFault() {
        Jobs.Run run = Jobs.bash("true")
                .command("/usr/bin/no-such-interpreter", "{file}")
                .run();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.InternalError);
        assertThat(reason(run).code()).isEqualTo("ExecFailed");
    }

    @Test
    void theSeriesShowsTheCourse() {
        Jobs.Run run = Jobs.python("""
                import time
                kept = b'x' * (40 * 1024 * 1024)
                time.sleep(1)
                """).run();

        List<UsageSample> series = usage(run).series();
        assertThat(series).hasSizeGreaterThan(10);
        assertThat(series).isSortedAccordingTo((a, b) -> Long.compare(a.offsetMilliseconds(), b.offsetMilliseconds()));
        assertThat(usage(run).peakMemoryBytes()).isBetween(40 * Jobs.MI, 70 * Jobs.MI);
        assertThat(usage(run).wallTimeMilliseconds()).isBetween(1_000L, 5_000L);
    }

    private static Usage usage(Jobs.Run run) {
        return Objects.requireNonNull(run.result().usage(), run::toString);
    }

    private static Reason reason(Jobs.Run run) {
        return run.result().reasons().getFirst();
    }

    private static List<String> limits(Jobs.Run run) {
        return run.result().limitsHit().stream().map(LimitHit::limit).toList();
    }
}
