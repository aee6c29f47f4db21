// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

class HostFilesTest {
    /** Reading such a file byte by byte ends behind its first digit. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void aNumberOfTheKernelIsReadWhole() {
        // pid_max(5, proc) is at least 301 on every Linux.
        assertThat(new HostFiles(Path.of("/")).text("proc/sys/kernel/pid_max"))
                .hasValueSatisfying(text -> assertThat(Integer.parseInt(text)).isGreaterThan(300));
    }

    @Test
    void whatIsNotThereIsEmpty() {
        assertThat(new HostFiles(Path.of("/")).text("proc/no/such/file")).isEmpty();
    }
}
