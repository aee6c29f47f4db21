// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner.seccomp;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** System call names and numbers of one architecture, from the kernel's headers (src/main/seccomp/generate-tables.sh). */
public final class SyscallTable {
    /** On amd64: the call came through the x32 table (asm/unistd.h, __X32_SYSCALL_BIT). */
    static final int X32_BIT = 0x40000000;

    private static final Map<Arch, SyscallTable> TABLES = new EnumMap<>(Arch.class);

    private final Arch arch;
    private final Map<String, Integer> numbers;
    private final Map<Integer, String> names;
    private final int highest;

    private SyscallTable(Arch arch, Map<String, Integer> numbers) {
        this.arch = arch;
        this.numbers = Map.copyOf(numbers);
        Map<Integer, String> byNumber = new HashMap<>();
        numbers.forEach((name, number) -> byNumber.put(number, name));
        this.names = Map.copyOf(byNumber);
        this.highest =
                byNumber.keySet().stream().mapToInt(Integer::intValue).max().orElseThrow();
    }

    public static synchronized SyscallTable of(Arch arch) {
        return TABLES.computeIfAbsent(arch, SyscallTable::read);
    }

    /** Whether any architecture has a call of that name. */
    public static boolean isKnown(String name) {
        for (Arch arch : Arch.values()) {
            if (of(arch).number(name).isPresent()) {
                return true;
            }
        }
        return false;
    }

    public OptionalInt number(String name) {
        Integer number = numbers.get(name);
        return number == null ? OptionalInt.empty() : OptionalInt.of(number);
    }

    public Optional<String> name(int number) {
        return Optional.ofNullable(names.get(number));
    }

    public Set<String> names() {
        return numbers.keySet();
    }

    /** The highest number known. A higher one is a call newer than this table. */
    public int highest() {
        return highest;
    }

    /**
     * The name of a call as a filter reported it, for a person. Also for calls made through a foreign table:
     * "i386 call 20", "x32 getpid".
     */
    public static String describe(int number, int auditArch) {
        for (Arch arch : Arch.values()) {
            if (arch.auditArch() != auditArch) {
                continue;
            }
            if (arch == Arch.AMD64 && (number & X32_BIT) != 0) {
                int plain = number & ~X32_BIT;
                return "x32 " + of(arch).name(plain).orElse("call " + plain);
            }
            return of(arch).name(number).orElse("call " + number);
        }
        return Arch.describe(auditArch) + " call " + number;
    }

    /** The name of a call of the architecture's own table, as a filter reported it. */
    public static Optional<String> name(int number, int auditArch) {
        for (Arch arch : Arch.values()) {
            if (arch.auditArch() == auditArch) {
                return of(arch).name(number);
            }
        }
        return Optional.empty();
    }

    Arch arch() {
        return arch;
    }

    private static SyscallTable read(Arch arch) {
        String resource = "syscalls-" + (arch == Arch.AMD64 ? "amd64" : "arm64") + ".txt";
        Map<String, Integer> numbers = new HashMap<>();
        try (InputStream in = SyscallTable.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("missing resource " + resource);
            }
            BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                int space = line.indexOf(' ');
                if (!line.startsWith("#") && space > 0) {
                    numbers.put(line.substring(0, space), Integer.valueOf(line.substring(space + 1)));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new SyscallTable(arch, numbers);
    }
}
