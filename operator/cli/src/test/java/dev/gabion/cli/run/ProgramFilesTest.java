// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gabion.api.v1alpha1.SourceFile;
import dev.gabion.cli.UserError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramFilesTest {
    @TempDir
    Path folder = Path.of(""); // set by JUnit

    @Test
    void aFileTellsItsRuntime() throws IOException {
        Files.writeString(folder.resolve("hello.py"), "print(1)\n");
        ProgramFiles program = ProgramFiles.read(folder.resolve("hello.py"));
        assertThat(program.runtime()).isEqualTo("python");
        assertThat(program.source().inline()).containsExactly(SourceFile.text("hello.py", "print(1)\n"));
        assertThat(ProgramFiles.runtimeOf("a.MJS")).isEqualTo("node");
        assertThat(ProgramFiles.runtimeOf("a.rb")).isNull();
        assertThat(ProgramFiles.runtimeOf("py")).isNull();
    }

    @Test
    void aFolderHasItsProgramFirst() throws IOException {
        Files.writeString(folder.resolve("data.txt"), "x");
        Files.writeString(folder.resolve("main.py"), "print(1)\n");
        Files.writeString(folder.resolve(".hidden"), "x");
        Files.createDirectory(folder.resolve("below"));
        ProgramFiles program = ProgramFiles.read(folder);
        assertThat(program.runtime()).isEqualTo("python");
        assertThat(program.source().inline()).extracting(SourceFile::name).containsExactly("main.py", "data.txt");
    }

    @Test
    void whatIsBehindALinkInAFolderIsNotRead() throws IOException, InterruptedException {
        Path secret = Files.writeString(
                Files.createDirectory(folder.resolve("elsewhere")).resolve("secret"), "x");
        Path program = Files.createDirectory(folder.resolve("program"));
        Files.writeString(program.resolve("main.py"), "print(1)\n");
        Path link = Files.createSymbolicLink(program.resolve("data.txt"), secret);
        refused(program, "'" + link + "': a symbolic link in a program's folder is not read");
        Files.delete(link);
        Files.createSymbolicLink(link, folder.resolve("elsewhere"));
        refused(program, "a symbolic link");
        Files.delete(link);
        Files.createSymbolicLink(link, folder.resolve("nowhere"));
        refused(program, "a symbolic link");
        Files.delete(link);
        assertThat(new ProcessBuilder("mkfifo", link.toString()).start().waitFor())
                .isZero();
        refused(program, "'" + link + "': a pipe, socket or device in a program's folder is not read");
        Files.delete(link);
        assertThat(ProgramFiles.read(program).source().inline()).hasSize(1);

        // What the caller names is the caller's word.
        Path named = Files.createSymbolicLink(folder.resolve("named.py"), program.resolve("main.py"));
        assertThat(ProgramFiles.read(named).source().inline())
                .containsExactly(SourceFile.text("named.py", "print(1)\n"));
        refused(Files.createSymbolicLink(folder.resolve("null.py"), Path.of("/dev/null")), "there is no such file");
    }

    @Test
    void bytesThatAreNoTextStayTheSame() {
        byte[] bytes = {(byte) 0xff, 0, 1};
        SourceFile file = ProgramFiles.sourceFile("data", bytes);
        assertThat(file.content()).isNull();
        assertThat(ProgramFiles.content(file)).isEqualTo(bytes);
    }

    @Test
    void refusesWhatAJobCannotHold() throws IOException {
        refused(folder.resolve("none.py"), "there is no such file or folder");
        refused(folder, "there is no file in it");
        Files.writeString(folder.resolve("a.txt"), "");
        Files.writeString(folder.resolve("b.txt"), "");
        refused(folder, "which of its files is the program? Name one main.py, ");
        Files.write(folder.resolve("big.py"), new byte[256 * 1024 + 1]);
        refused(folder.resolve("big.py"), "262145 bytes; a job's file has at most 262144");
        Files.writeString(folder.resolve("a b.py"), "");
        refused(folder.resolve("a b.py"), "the name of a program's file may have");
    }

    @Test
    void namesAreWhatTheApiServerTakes() {
        assertThat(JobOptions.jobName(Path.of("/x/Hello World.py"))).isEqualTo("hello-world");
        assertThat(JobOptions.jobName(Path.of("/x/__.py"))).isEqualTo("job");
        assertThat(JobOptions.jobName(Path.of("/x/" + "a-".repeat(60) + ".py")))
                .hasSizeLessThanOrEqualTo(50)
                .matches("[a-z0-9-]*[a-z0-9]");
    }

    private static void refused(Path path, String message) {
        assertThatThrownBy(() -> ProgramFiles.read(path))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(message);
    }
}
