// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gabion.cli.ExitCode;
import dev.gabion.cli.Gabions;
import dev.gabion.cli.Gabions.Ended;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The program as a user runs it, with the real engine around real guests. */
class RunIT {
    @TempDir
    Path folder = Path.of(""); // set by JUnit

    private void file(String name, String content) {
        try {
            Files.writeString(folder.resolve(name), content);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void helloRunsAndItsVerdictIsTold() {
        file("hello.py", "import sys\nprint('hello', sys.argv[1:])\nprint('err', file=sys.stderr)\n");
        Ended ended = Gabions.run(folder, "run", "hello.py", "--", "-x", "a b");
        assertThat(ended.text()).isEqualTo("hello ['-x', 'a b']\n");
        assertThat(ended.err())
                .contains("err\n")
                .containsPattern("gabion: OK, exit code 0, CPU \\d+ ms, wall [\\d.]+ m?s, memory ");
        assertThat(ended.code()).isZero();
    }

    /** Each class of ending, in bash (which starts quickest); the last column is a word of the explanation. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            exit 3                                          |               | 3   | NonZeroExit
            kill -SEGV $$                                   |               | 139 | Signalled
            while :; do :; done                             | --cpu-time=200ms  | 111 | CpuTimeExceeded
            read -t 30 <> <(:) ; sleep 30                   | --wall-time=300ms | 112 | WallTimeExceeded
            x=$(printf %1000d 1); while :; do x=$x$x; done  | --memory=32Mi | 113 | MemoryExceeded
            while :; do echo yes; done                      | --output-bytes=1000 | 114 | OutputExceeded
            """)
    void everyEndingHasItsCode(
            String program, @org.jspecify.annotations.Nullable String flag, int code, String verdict) {
        file("main.sh", program + "\n");
        Ended ended =
                flag == null ? Gabions.run(folder, "run", "main.sh") : Gabions.run(folder, "run", flag, "main.sh");
        assertThat(ended.err()).contains("gabion: " + verdict);
        assertThat(ended.code()).isEqualTo(code);
    }

    @Test
    void outputIsCutAtTheExactByte() {
        file("main.sh", "while :; do echo yes; done\n");
        Ended ended = Gabions.run(folder, "run", "--output-bytes", "1001", "main.sh");
        assertThat(ended.out()).hasSize(1001);
        assertThat(ended.err()).contains("OutputExceeded");
    }

    /** A violation under the shipped profile, learned, read by a person, and allowed from then on: this family only. */
    @Test
    void whatWasLearnedIsAProfileToRunWith() {
        file("talk.py", """
                import socket, sys
                family = getattr(socket, sys.argv[1])
                s = socket.socket(family, socket.SOCK_DGRAM)
                s.connect_ex(('127.0.0.1', 9))
                print('tried')
                """);
        assertThat(Gabions.run(folder, "run", "talk.py", "--", "AF_INET").err())
                .contains("SecurityViolation", "socket(AF_INET)");

        Ended learned = Gabions.run(folder, "profile", "learn", "talk.py", "--", "AF_INET");
        assertThat(learned.code()).isEqualTo(ExitCode.FINDING);
        file("talk.json", learned.text());
        assertThat(Gabions.run(folder, "profile", "check", "talk.json").code()).isZero();

        Ended allowed = Gabions.run(folder, "run", "--seccomp-profile", "talk.json", "talk.py", "--", "AF_INET");
        assertThat(allowed.text()).as(allowed.err()).isEqualTo("tried\n");
        assertThat(allowed.code()).isZero();
        assertThat(Gabions.run(folder, "run", "--seccomp-profile", "talk.json", "talk.py", "--", "AF_INET6")
                        .err())
                .contains("SecurityViolation", "socket(AF_INET6)");
    }

    @Test
    void aProfileFileThatWouldUndoTheIsolationIsRefused() {
        file("main.py", "print(1)\n");
        file("own.json", """
                {"extends": "python", "syscalls": [{"names": ["ptrace"], "action": "SCMP_ACT_ALLOW"}]}""");
        Ended ended = Gabions.run(folder, "run", "--seccomp-profile", "own.json", "main.py");
        assertThat(ended.err()).contains("own.json: syscalls[0].names: ptrace can never be allowed");
        assertThat(ended.code()).isEqualTo(ExitCode.USAGE);

        file("typing.json", """
                {"extends": "python", "syscalls": [{"names": ["brk"], "action": "SCMP_ACT_ALLOW", "includes": {}}]}""");
        Ended unknown = Gabions.run(folder, "run", "--seccomp-profile", "typing.json", "main.py");
        assertThat(unknown.err()).contains("typing.json: syscalls[0].includes: no such field");
    }

    @Test
    void aViolationNamesTheCall() {
        file("main.py", "import socket\nsocket.socket()\n");
        Ended ended = Gabions.run(folder, "run", "main.py");
        assertThat(ended.err()).contains("gabion: SecurityViolation").contains("socket(AF_INET)");
        assertThat(ended.code()).isEqualTo(117);
    }

    @Test
    void aCompilersTextIsTheOutput() {
        file("main.c", "int main(void) { return nothing; }\n");
        Ended ended = Gabions.run(folder, "run", "main.c");
        assertThat(ended.err()).contains("nothing").contains("gabion: CompileError");
        assertThat(ended.code()).isEqualTo(118);
    }

    @Test
    void jsonIsTheJobWithItsStatus() throws IOException {
        file("main.sh", "echo out; echo $GREETING; exit 4\n");
        Ended ended = Gabions.run(folder, "run", "-o", "json", "--env", "GREETING=hi there", "main.sh");
        JsonNode job = Documents.json().readTree(ended.out());
        assertThat(job.path("kind").asText()).isEqualTo("SandboxJob");
        assertThat(job.path("spec").path("env").path(0).path("value").asText()).isEqualTo("hi there");
        JsonNode status = job.path("status");
        assertThat(status.path("verdict").asText()).isEqualTo("NonZeroExit");
        assertThat(status.path("exitCode").asInt()).isEqualTo(4);
        assertThat(status.path("output").path("stdout").path("tail").asText()).isEqualTo("out\nhi there\n");
        assertThat(status.path("controls")).hasSizeGreaterThan(10);
        assertThat(status.path("effectiveLimits").path("memoryBytes").asLong()).isEqualTo(128L << 20);
        assertThat(ended.code()).isEqualTo(4);
    }

    @Test
    void aJobsYamlRunsAndFlagsWinOverIt() {
        file("job.yaml", """
                apiVersion: gabion.dev/v1alpha1
                kind: SandboxJob
                metadata: {name: from-yaml}
                spec:
                  runtime: bash
                  source: {inline: [{name: main.sh, content: 'echo "$A $B $1"; cat'}]}
                  args: [one]
                  env: [{name: A, value: "1"}, {name: B, value: "2"}]
                  stdin: "from the job\\n"
                """);
        assertThat(Gabions.run(folder, "run", "-q", "-f", "job.yaml").text()).isEqualTo("1 2 one\nfrom the job\n");
        Ended ended = Gabions.run(
                folder,
                Map.of(),
                "piped\n",
                "run",
                "-q",
                "-f",
                "job.yaml",
                "--env",
                "B=3",
                "--stdin",
                "-",
                "--",
                "two");
        assertThat(ended.text()).isEqualTo("1 3 two\npiped\n");
        assertThat(ended.err()).isEmpty();
    }

    @Test
    void standardInputIsEmptyUnlessAskedFor() {
        file("main.sh", "cat; echo end\n");
        assertThat(Gabions.run(folder, Map.of(), "not for the guest", "run", "-q", "main.sh")
                        .text())
                .isEqualTo("end\n");
    }

    @Test
    void bytesStayBytesInAPipeAndAreEscapedOnRequest() {
        file("main.sh", "printf '\\033[2J\\377\\000\\n'\n");
        assertThat(Gabions.run(folder, "run", "-q", "main.sh").out())
                .isEqualTo(new byte[] {0x1b, '[', '2', 'J', (byte) 0xff, 0, '\n'});
        assertThat(Gabions.run(folder, "run", "-q", "--escape", "main.sh").text())
                .isEqualTo("\\x1b[2J\\xff\\x00\n");
    }

    @Test
    void usageChartAndKeptFilesAreWritten() throws IOException {
        file("main.sh", "for i in {1..60000}; do :; done; mkdir sub; echo kept > sub/a.txt; echo no > b.txt\n");
        Ended ended = Gabions.run(
                folder,
                "run",
                "--usage",
                "usage.json",
                "--chart",
                "usage.svg",
                "--outputs",
                "sub/*.txt",
                "--outputs-directory",
                "kept",
                "main.sh");
        assertThat(ended.code()).as(ended.err()).isZero();
        JsonNode usage = Documents.json().readTree(folder.resolve("usage.json").toFile());
        assertThat(usage.path("verdict").asText()).isEqualTo("OK");
        assertThat(usage.path("usage").path("series")).isNotEmpty();
        assertThat(usage.path("limits").path("memoryBytes").asLong()).isEqualTo(128L << 20);
        assertThat(Files.readString(folder.resolve("usage.svg"))).contains(">limit 128 MiB</text>");
        assertThat(Files.readString(folder.resolve("kept/sub/a.txt"))).isEqualTo("kept\n");
        assertThat(folder.resolve("kept/b.txt")).doesNotExist();

        assertRefused(
                "a file that is there",
                "--outputs: 'sub/*.txt' could overwrite " + folder.resolve("kept/sub/a.txt"),
                "run",
                "--outputs",
                "sub/*.txt",
                "--outputs-directory",
                "kept",
                "main.sh");
        file("main.sh", "mkdir sub; echo again > sub/a.txt\n");
        assertThat(Gabions.run(
                                folder,
                                "run",
                                "--force",
                                "--outputs",
                                "sub/*.txt",
                                "--outputs-directory",
                                "kept",
                                "main.sh")
                        .code())
                .isZero();
        assertThat(Files.readString(folder.resolve("kept/sub/a.txt"))).isEqualTo("again\n");
        assertThat(Gabions.run(folder, "chart", "usage.json", "-o", "again.png").code())
                .isZero();
        assertThat(folder.resolve("again.png")).isNotEmptyFile();
    }

    @Test
    void whatIsWrongIsNamedBeforeAnythingRuns() {
        file("main.sh", "touch ran\n");
        assertRefused("--chart: no", "is no name for a chart", "run", "--chart", "x.gif", "main.sh");
        assertRefused(
                "limit",
                "spec.limits.processes: 4096 is more than the runtime bash allows",
                "run",
                "--processes",
                "4096",
                "main.sh");
        assertRefused(
                "level", "the guest would run with your own user, files and network", "run", "--level=Pod", "main.sh");
        assertRefused(
                "class",
                "--runtime-class-name: a RuntimeClass is the cluster's",
                "run",
                "--runtime-class-name=x",
                "main.sh");
        assertRefused("runtime", "there is no runtime 'ruby' on this machine", "run", "--runtime", "ruby", "main.sh");
        assertRefused(
                "stdin",
                "--stdin: cannot read 'none' as text: there is no such file",
                "run",
                "--stdin",
                "none",
                "main.sh");
    }

    @Test
    void aResultThatCannotBeWrittenIsSaidBeforeTheRunOrEndsIt() throws Exception {
        file("main.sh", "echo ran\necho x > out.txt\n");
        assertRefused("a folder", "--usage: '" + folder + "' is a folder", "run", "--usage", folder + "", "main.sh");
        assertRefused("no folder", "--chart: 'no/x.png': there is no folder", "run", "--chart", "no/x.png", "main.sh");
        assertRefused("read-only", "--usage: '/proc/x' cannot be written", "run", "--usage", "/proc/x", "main.sh");
        assertRefused(
                "outputs",
                "--outputs-directory: '/proc/x' cannot be written",
                "run",
                "--outputs=out.txt",
                "--outputs-directory=/proc/x",
                "main.sh");
        assertRefused("no path", "spec.outputs[0]: '' is not allowed", "run", "--outputs=", "main.sh");
        assertRefused("parent", "spec: outputs must be relative paths", "run", "--outputs=../x", "main.sh");

        assertRefused("input twice", "there is one standard input", "run", "-f", "-", "--stdin", "-");
        assertRefused("endless", "--stdin: more than 262144", "run", "--stdin", "/dev/zero", "main.sh");
        assertRefused("escape", "'\\x1b[2J.py'", "run", "\u001b[2J.py");
        file("usage.json", "{\"usage\": null}");
        assertRefused("no usage", "no usage in it", "chart", "usage.json");
        assertThat(folder.resolve("usage.png")).doesNotExist();
        try (var left = Files.list(folder)) {
            assertThat(left.map(path -> path.getFileName().toString()))
                    .containsExactlyInAnyOrder("main.sh", "usage.json");
        }

        Ended full = Gabions.run(folder, "run", "--usage", "/dev/full", "main.sh");
        assertThat(full.text()).isEqualTo("ran\n");
        assertThat(full.err()).contains("--usage: cannot write '/dev/full': No space left on device");
        assertThat(full.code()).isEqualTo(ExitCode.NOT_WRITTEN);

        for (String[] args :
                new String[][] {{"run", "-q", "main.sh"}, {"run", "-o", "json", "main.sh"}, {"--version"}, {"runtimes"}
                }) {
            Process process = Gabions.builder(folder, args)
                    .redirectOutput(new java.io.File("/dev/full"))
                    .redirectError(folder.resolve("err").toFile())
                    .start();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(folder.resolve("err")).content().contains("standard output could not be written");
            assertThat(process.exitValue()).as(String.join(" ", args)).isEqualTo(ExitCode.NOT_WRITTEN);
        }
    }

    /** The guest makes the file's folder a file here while it runs: what could not be kept is not told as stored. */
    @Test
    void onlyWhatWasWrittenIsStored() throws Exception {
        file("main.sh", "mkdir sub; echo x > sub/a.txt; echo y > b.txt\n");
        file("sub", "in the way");
        Ended ended = Gabions.run(folder, "run", "-o", "json", "--outputs=sub/a.txt", "--outputs=b.txt", "main.sh");
        assertThat(ended.code()).as(ended.err()).isEqualTo(ExitCode.NOT_WRITTEN);
        assertThat(ended.err()).contains("--outputs: not kept: sub/a.txt: ");
        JsonNode outputs = Documents.json().readTree(ended.out()).path("status").path("outputs");
        assertThat(outputs.findParents("path"))
                .extracting(output -> output.path("path").asText() + " "
                        + output.path("stored").asBoolean())
                .containsExactlyInAnyOrder("sub/a.txt false", "b.txt true");
        assertThat(folder.resolve("b.txt")).hasContent("y");
    }

    @Test
    void aCancelledJobDoesNotRun() throws Exception {
        String example = Path.of(System.getProperty("gabion.root"), "docs/examples/12-cancelled.yaml")
                .toString();
        Ended ended = Gabions.run(folder, "run", "-f", example);
        assertThat(ended.code()).isEqualTo(119);
        assertThat(ended.out()).isEmpty();
        assertThat(ended.err()).contains("gabion: Cancelled", "spec.cancel is true: the guest was not started");
        Ended json = Gabions.run(folder, "run", "-f", example, "-o", "json");
        assertThat(json.code()).isEqualTo(119);
        assertThat(Documents.json()
                        .readTree(json.out())
                        .path("status")
                        .path("verdict")
                        .asText())
                .isEqualTo("Cancelled");
    }

    private void assertRefused(String what, String message, String... args) {
        Ended ended = Gabions.run(folder, args);
        assertThat(ended.code()).as(what).isEqualTo(ExitCode.USAGE);
        assertThat(ended.err()).as(what).contains(message);
        assertThat(ended.out()).as(what).isEmpty();
    }

    @Test
    void aSignalEndsTheGuestWithTheProgram() throws Exception {
        String mark = "mark-" + ProcessHandle.current().pid() + "-" + System.nanoTime();
        file("main.sh", "trap '' INT TERM; echo ready; while :; do sleep 1; done\n");
        Process process = Gabions.builder(folder, "run", "main.sh", "--", mark)
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            assertThat(out.readLine()).isEqualTo("ready");
            assertThat(processesWith(mark)).as("the guest runs").isGreaterThanOrEqualTo(2);
            process.destroy(); // SIGTERM
            assertThat(process.waitFor(20, TimeUnit.SECONDS)).as("it ended").isTrue();
            assertThat(process.exitValue()).isEqualTo(143);
        } finally {
            process.destroyForcibly();
        }
        assertThat(processesWith(mark)).as("processes of the guest").isZero();
        try (var left = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            assertThat(left.filter(path -> path.getFileName().toString().startsWith("gabion-"))
                            .filter(path -> Files.exists(path.resolve("main.sh")))
                            .filter(path -> contains(path.resolve("main.sh"), "trap '' INT TERM; echo ready")))
                    .as("the run's folder")
                    .isEmpty();
        }
    }

    @Test
    void killingTheProgramEndsTheGuestToo() throws Exception {
        String mark = "mark-" + ProcessHandle.current().pid() + "-" + System.nanoTime();
        file("main.sh", "echo ready; while :; do sleep 1; done\n");
        Process process = Gabions.builder(folder, "run", "main.sh", "--", mark).start();
        process.getOutputStream().close();
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            assertThat(out.readLine()).isEqualTo("ready");
        }
        process.destroyForcibly().waitFor();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (processesWith(mark) > 0 && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertThat(processesWith(mark)).isZero();
    }

    private static boolean contains(Path file, String text) {
        try {
            return Files.readString(file).contains(text);
        } catch (IOException e) {
            return false;
        }
    }

    /** Processes with this word on their command line, the program itself among them. */
    private static long processesWith(String mark) {
        return ProcessHandle.allProcesses()
                .filter(process -> contains(Path.of("/proc/" + process.pid() + "/cmdline"), mark))
                .count();
    }
}
