// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.run;

import dev.gabion.api.v1alpha1.Source;
import dev.gabion.api.v1alpha1.SourceFile;
import dev.gabion.cli.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files of a program on this machine, as a job's inline source.
 *
 * @param source the files, the program first
 * @param runtime the runtime they look like; null where they look like none
 */
public record ProgramFiles(Source source, @Nullable String runtime) {
    private static final int MAX_FILES = 16;
    private static final long MAX_CHARACTERS = 524_288;
    private static final int MAX_FILE_BYTES = 256 * 1024;
    private static final String NAME = "[A-Za-z0-9_][A-Za-z0-9._-]{0,127}";

    private static final Map<String, String> RUNTIME_BY_SUFFIX = Map.of(
            "py", "python",
            "js", "node",
            "mjs", "node",
            "cjs", "node",
            "sh", "bash",
            "bash", "bash",
            "c", "c");

    /** Names a program in a folder may have, in the order in which they are looked for. */
    private static final List<String> PROGRAM_NAMES =
            List.of("main.py", "main.js", "main.mjs", "main.sh", "main.c", "__main__.py", "index.js");

    /**
     * Reads a program's file, or all files of a folder (not of those below it). A file that is named may be a link: that
     * is the caller's word. In a folder a link is whatever its author made it, and the guest would get what is behind it.
     */
    public static ProgramFiles read(Path path) {
        if (Files.isDirectory(path)) {
            return directory(path);
        }
        if (!Files.isRegularFile(path)) {
            throw new UserError("'" + path + "': there is no such file or folder");
        }
        return new ProgramFiles(source(path, List.of(path), Set.of()), runtimeOf(fileName(path)));
    }

    private static ProgramFiles directory(Path folder) {
        List<Path> files;
        try (Stream<Path> entries = Files.list(folder)) {
            files = new ArrayList<>(entries.filter(file -> !fileName(file).startsWith("."))
                    .filter(ProgramFiles::isFileOfFolder)
                    .sorted()
                    .toList());
        } catch (IOException e) {
            throw new UserError("'" + folder + "': " + JobFile.reason(e));
        }
        if (files.isEmpty()) {
            throw new UserError("'" + folder + "': there is no file in it");
        }
        Path program = files.stream()
                .filter(file -> PROGRAM_NAMES.contains(fileName(file)))
                .min(Comparator.comparingInt(file -> PROGRAM_NAMES.indexOf(fileName(file))))
                .orElse(files.size() == 1 ? files.getFirst() : null);
        if (program == null) {
            throw new UserError("'" + folder + "': which of its files is the program? Name one "
                    + String.join(", ", PROGRAM_NAMES) + ", or give the file itself");
        }
        files.remove(program);
        files.addFirst(program);
        return new ProgramFiles(source(folder, files, Set.of(LinkOption.NOFOLLOW_LINKS)), runtimeOf(fileName(program)));
    }

    private static boolean isFileOfFolder(Path file) {
        try {
            BasicFileAttributes attributes =
                    Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (!attributes.isRegularFile() && !attributes.isDirectory()) {
                throw new UserError("'" + file + "': "
                        + (attributes.isSymbolicLink() ? "a symbolic link" : "a pipe, socket or device")
                        + " in a program's folder is not read; put a plain file there or take it away");
            }
            return attributes.isRegularFile();
        } catch (IOException e) {
            throw new UserError("'" + file + "': " + JobFile.reason(e));
        }
    }

    /** The runtime whose files end like this one; null where none is known. */
    static @Nullable String runtimeOf(String name) {
        int dot = name.lastIndexOf('.');
        return dot < 0 ? null : RUNTIME_BY_SUFFIX.get(name.substring(dot + 1).toLowerCase(Locale.ROOT));
    }

    private static Source source(Path given, List<Path> files, Set<? extends OpenOption> how) {
        if (files.size() > MAX_FILES) {
            throw new UserError("'" + given + "': " + files.size() + " files; a job has at most " + MAX_FILES);
        }
        List<SourceFile> read = new ArrayList<>();
        long total = 0;
        for (Path file : files) {
            String name = fileName(file);
            if (!name.matches(NAME)) {
                throw new UserError("'" + file + "': the name of a program's file may have letters, digits, '.', '_'"
                        + " and '-', up to 128, and starts with none of '.' and '-'");
            }
            SourceFile one = sourceFile(name, bytes(file, how));
            total += characters(one.content()) + characters(one.contentBase64());
            read.add(one);
        }
        if (total > MAX_CHARACTERS) {
            throw new UserError("'" + given + "': " + total
                    + " characters (base64 where it is no text); a job's files have together at most "
                    + MAX_CHARACTERS);
        }
        return new Source(read, null, null);
    }

    private static long characters(@Nullable String text) {
        return text == null ? 0 : text.codePointCount(0, text.length());
    }

    private static byte[] bytes(Path file, Set<? extends OpenOption> how) {
        try (InputStream in = Files.newInputStream(file, how.toArray(OpenOption[]::new))) {
            byte[] bytes = in.readNBytes(MAX_FILE_BYTES + 1);
            if (bytes.length > MAX_FILE_BYTES) {
                throw new UserError("'" + file + "': " + Math.max(bytes.length, Files.size(file))
                        + " bytes; a job's file has at most " + MAX_FILE_BYTES);
            }
            return bytes;
        } catch (IOException e) {
            throw new UserError("'" + file + "': " + JobFile.reason(e));
        }
    }

    static SourceFile sourceFile(String name, byte[] bytes) {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return SourceFile.text(name, text);
        } catch (CharacterCodingException e) {
            return new SourceFile(name, null, Base64.getEncoder().encodeToString(bytes));
        }
    }

    /** The bytes of an inline file. */
    static byte[] content(SourceFile file) {
        if (file.content() != null) {
            return file.content().getBytes(StandardCharsets.UTF_8);
        }
        String base64 = file.contentBase64();
        if (base64 == null) {
            throw new UserError("source.inline: the file " + file.name() + " has neither content nor contentBase64");
        }
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new UserError("source.inline: contentBase64 of " + file.name() + ": " + e.getMessage());
        }
    }

    /** The suffixes that name a runtime, for messages. */
    static String knownSuffixes() {
        return RUNTIME_BY_SUFFIX.keySet().stream().sorted().map(s -> "." + s).collect(Collectors.joining(", "));
    }

    private static String fileName(Path path) {
        return String.valueOf(path.getFileName());
    }
}
