// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.run;

import dev.gabion.cli.UserError;
import dev.gabion.runner.Glob;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes the guest's kept files below one folder; their paths are the guest's words and never lead out of it, and no file
 * that was there is overwritten unless somebody says so.
 */
final class KeptFiles {
    private final Path folder;
    private final boolean force;

    KeptFiles(Path folder, boolean force) {
        this.folder = folder.toAbsolutePath().normalize();
        this.force = force;
    }

    /** Refuses paths and globs that files match which are there already: better before the run than after it. */
    void refuseExisting(List<String> patterns) {
        for (String pattern : force ? List.<String>of() : patterns) {
            String plain = pattern.startsWith("./") ? pattern.substring(2) : pattern;
            Path found = existing(folder, List.of(plain.split("/", -1)));
            if (found != null) {
                throw new UserError("--outputs: '" + pattern + "' could overwrite " + found
                        + "; give --force, or another --outputs-directory");
            }
        }
    }

    private static @Nullable Path existing(Path below, List<String> parts) {
        Glob glob = new Glob(parts.getFirst());
        List<String> rest = parts.subList(1, parts.size());
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(below)) {
            for (Path entry : entries) {
                if (!glob.matches(String.valueOf(entry.getFileName()))) {
                    continue;
                }
                boolean directory = Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS);
                Path found = rest.isEmpty() ? (directory ? null : entry) : directory ? existing(entry, rest) : null;
                if (found != null) {
                    return found;
                }
            }
            return null;
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            throw new UserError("cannot look into '" + below + "': " + JobFile.reason(e));
        }
    }

    /** Writes one file and returns where. */
    Path write(String path, byte[] content) {
        Path target;
        try {
            target = folder.resolve(path).normalize();
        } catch (java.nio.file.InvalidPathException e) {
            throw new UserError("its name is not one on this machine: " + e.getReason());
        }
        if (target.equals(folder) || !target.startsWith(folder)) {
            throw new UserError("its path leads out of " + folder);
        }
        Set<OpenOption> how = new HashSet<>(EnumSet.of(StandardOpenOption.WRITE));
        how.addAll(
                force
                        ? EnumSet.of(StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING)
                        : EnumSet.of(StandardOpenOption.CREATE_NEW));
        how.add(LinkOption.NOFOLLOW_LINKS);
        try {
            Files.createDirectories(folder);
            for (Path part = folder; !part.equals(target.getParent()); ) {
                part = part.resolve(part.relativize(target).getName(0));
                if (!Files.isDirectory(part, LinkOption.NOFOLLOW_LINKS)) {
                    Files.createDirectory(part);
                }
            }
            Files.write(target, content, how.toArray(OpenOption[]::new));
            return target;
        } catch (FileAlreadyExistsException e) {
            throw new UserError(e.getFile() + " is there already; give --force, or another --outputs-directory");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
