// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.doctor;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The kernel's files that tell what it is set to.
 *
 * @param root {@code /}, or a test's copy
 */
record HostFiles(Path root) {
    /** The longest of these files is a list of names. */
    private static final int MOST_BYTES = 64 * 1024;

    /**
     * The file's text without blanks at its ends; empty where there is none or it may not be read. Read with room for all
     * of it at once: a number below /proc/sys is whole in the first read or cut, and {@link Files#readString} first reads
     * one byte of a file that says it has none.
     */
    Optional<String> text(String path) {
        try (FileInputStream in = new FileInputStream(root.resolve(path).toFile())) {
            return Optional.of(new String(in.readNBytes(MOST_BYTES), StandardCharsets.UTF_8).strip());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    boolean exists(String path) {
        return Files.exists(root.resolve(path));
    }
}
