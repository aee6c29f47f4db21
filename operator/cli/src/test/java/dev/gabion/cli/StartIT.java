// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.gabion.cli.Gabions.Ended;
import dev.gabion.cli.run.Documents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The start of the program, and the commands that need neither a cluster nor a guest. */
class StartIT {
    @TempDir
    Path folder = Path.of(""); // set by JUnit

    @Test
    void tellsItsVersion() {
        Ended ended = Gabions.run(folder, "--version");
        assertThat(ended.text()).matches("gabion \\d+\\.\\d+\\.\\d+.*\\n");
        assertThat(ended.err()).isEmpty();
        assertThat(ended.code()).isZero();
    }

    @Test
    void theBuildRecordedTheCacheTheStartUses() {
        Path cache = Gabions.script().resolveSibling("../target/gabion.aot").normalize();
        assertThat(cache).as("make cli records it").isNotEmptyFile();
        // With this mode the JVM refuses to start where the cache does not fit the JDK or the class path.
        Ended ended = Gabions.run(folder, Map.of("JAVA_TOOL_OPTIONS", "-XX:AOTMode=on"), "", "--version");
        assertThat(ended.code()).as(ended.err()).isZero();
    }

    @Test
    void worksThroughALinkAndAsAPluginOfKubectl() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("kubectl-gabion"), Gabions.script());
        Process process = new ProcessBuilder(link.toString(), "run", "--help").start();
        assertThat(new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8))
                .startsWith("Usage: kubectl gabion run ");
    }

    @Test
    void doctorTriesTheRealThing() throws IOException {
        Ended ended = Gabions.run(folder, "doctor", "-o", "json");
        JsonNode report = Documents.json().readTree(ended.out());
        assertThat(report.path("checks").findValuesAsText("name"))
                .contains("kernel", "user namespaces", "Landlock", "sandbox", "control Seccomp", "runtime bash");
        assertThat(report.path("healthy").asBoolean()).as(ended.text()).isTrue();
        assertThat(ended.code()).isZero();
    }

    @Test
    void doctorSaysWhatIsMissing() {
        Ended ended = Gabions.run(folder, Map.of("GABION_LAUNCHER", "/nowhere/gabion-launch"), "", "doctor");
        assertThat(ended.text())
                .contains("missing", "gabion-launch is missing (/nowhere/gabion-launch); build it with: make launcher")
                .endsWith("Jobs do not run here before the lines marked missing are changed.\n");
        assertThat(ended.code()).isEqualTo(ExitCode.FINDING);
    }

    @Test
    void runtimesTellWhatThisMachineHas() {
        assertThat(Gabions.run(folder, "runtimes").text()).contains("python", "main.c", "yes");
        assertThat(Gabions.run(folder, "runtimes", "-o", "json").text()).contains("\"fileName\" : \"main.py\"");
    }

    @Test
    void profilesAreShownAndChecked() throws IOException {
        assertThat(Gabions.run(folder, "profile", "show", "default").text()).contains("\"extends\": \"base\"");
        assertThat(Gabions.run(folder, "profile", "show", "base").text()).contains("\"SCMP_ACT_NOTIFY\"");
        assertThat(Gabions.run(folder, "profile", "show", "python", "--calls").text())
                .containsPattern("(?m)^ptrace +violation$")
                .containsPattern("(?m)^read +allowed$");
        Files.writeString(folder.resolve("bad.json"), """
                {"extends": "default", "syscalls": [{"names": ["raed"], "action": "SCMP_ACT_ALLOW"}]}
                """);
        Ended bad = Gabions.run(folder, "profile", "check", "bad.json");
        assertThat(bad.code()).isEqualTo(ExitCode.USAGE);
        assertThat(bad.err()).contains("bad.json: syscalls[0].names: no architecture has a system call raed");
    }

    @Test
    void learningProposesWhatTheProfileLacks() throws IOException {
        Files.writeString(folder.resolve("main.py"), "import socket\nsocket.socket().close()\nprint('went on')\n");
        Ended ended = Gabions.run(folder, "profile", "learn", "main.py");
        assertThat(ended.code()).isEqualTo(ExitCode.FINDING);
        assertThat(ended.err()).contains("went on");
        JsonNode proposal = Documents.json().readTree(ended.out());
        assertThat(proposal.path("extends").asText()).isEqualTo("python");
        assertThat(proposal.path("syscalls").path(0).path("names").path(0).asText())
                .isEqualTo("socket");

        Files.writeString(folder.resolve("proposal.json"), ended.text());
        assertThat(Gabions.run(folder, "profile", "check", "proposal.json").code())
                .isZero();

        Files.writeString(folder.resolve("tame.py"), "print('nothing special')\n");
        assertThat(Gabions.run(folder, "profile", "learn", "tame.py").code()).isZero();
    }

    @Test
    void withoutAClusterThatIsSaid() {
        Ended ended = Gabions.run(
                folder, Map.of("HOME", folder.toString(), "JAVA_TOOL_OPTIONS", "-Duser.home=" + folder), "", "jobs");
        assertThat(ended.code()).isEqualTo(ExitCode.USAGE);
        assertThat(ended.err())
                .contains("no cluster: there is no kubeconfig; set KUBECONFIG or give --kubeconfig FILE");
    }
}
