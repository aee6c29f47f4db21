// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.value;

import dev.gabion.cli.ExitCode;
import dev.gabion.cli.UserError;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file that a flag names for a result: looked at before the work, so that the work is not done for nothing. */
public final class ResultFile {
    /** Refuses a file that could not be written. Leaves nothing behind. */
    public static void require(String flag, Path file) {
        Path folder = file.toAbsolutePath().getParent();
        if (Files.isDirectory(file)) {
            throw new UserError(flag + ": '" + file + "' is a folder; give a file");
        }
        if (folder == null || !Files.isDirectory(folder)) {
            throw new UserError(flag + ": '" + file + "': there is no folder " + folder);
        }
        requireWritable(flag, file, Files.exists(file) ? file : folder);
    }

    /** Refuses a folder in which no file could be made; it may have to be made itself. */
    public static void requireFolder(String flag, Path folder) {
        Path there = folder.toAbsolutePath().normalize();
        while (there.getParent() != null && !Files.exists(there, LinkOption.NOFOLLOW_LINKS)) {
            there = there.getParent();
        }
        if (!Files.isDirectory(there)) {
            throw new UserError(flag + ": '" + folder + "': " + there + " is no folder");
        }
        requireWritable(flag, folder, there);
    }

    /** Tries it: permissions alone do not tell what root may write, and where. */
    private static void requireWritable(String flag, Path given, Path checked) {
        try {
            if (Files.isDirectory(checked)) {
                Files.delete(Files.createTempFile(checked, ".gabion-", ".probe"));
            } else if (Files.isRegularFile(checked)) {
                Files.newByteChannel(checked, StandardOpenOption.WRITE).close();
            } else if (!Files.isWritable(checked)) {
                throw new AccessDeniedException(checked.toString());
            }
        } catch (IOException e) {
            throw new UserError(flag + ": '" + given + "' cannot be written: " + reason(e));
        }
    }

    /** What is said where the file could not be written after all. */
    public static UserError notWritten(String flag, Path file, IOException error) {
        return new UserError(flag + ": cannot write '" + file + "': " + reason(error), ExitCode.NOT_WRITTEN);
    }

    private static String reason(IOException error) {
        return switch (error) {
            case AccessDeniedException denied -> "permission denied";
            case FileSystemException system when system.getReason() != null -> system.getReason();
            default -> String.valueOf(error.getMessage());
        };
    }

    private ResultFile() {}
}
