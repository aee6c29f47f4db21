// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.run;

import dev.gabion.cli.UserError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Writes the guest's kept files below one folder; their paths are the guest's words and never lead out of it. */
final class KeptFiles {
    private final Path folder;

    KeptFiles(Path folder) {
        this.folder = folder.toAbsolutePath().normalize();
    }

    /** Writes one file and returns where. */
    Path write(String path, byte[] content) {
        Path target;
        try {
            target = folder.resolve(path).normalize();
        } catch (java.nio.file.InvalidPathException e) {
            throw new UserError("a kept file's name is not one on this machine: " + e.getReason());
        }
        if (target.equals(folder) || !target.startsWith(folder)) {
            throw new UserError("a kept file's path leads out of " + folder);
        }
        try {
            Files.createDirectories(folder);
            for (Path part = folder; !part.equals(target.getParent()); ) {
                part = part.resolve(part.relativize(target).getName(0));
                if (!Files.isDirectory(part, LinkOption.NOFOLLOW_LINKS)) {
                    Files.createDirectory(part);
                }
            }
            Files.write(
                    target,
                    content,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING,
                    StandardOpenOption.WRITE,
                    LinkOption.NOFOLLOW_LINKS);
            return target;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
