// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner.seccomp;

import java.util.Locale;

/** A processor architecture, as the kernel names it to a filter (AUDIT_ARCH_* of linux/audit.h). */
public enum Arch {
    AMD64(0xC000003E, "SCMP_ARCH_X86_64"),
    ARM64(0xC00000B7, "SCMP_ARCH_AARCH64");

    private final int auditArch;
    private final String ociName;

    Arch(int auditArch, String ociName) {
        this.auditArch = auditArch;
        this.ociName = ociName;
    }

    public int auditArch() {
        return auditArch;
    }

    public String ociName() {
        return ociName;
    }

    /** The architecture this JVM runs on. */
    public static Arch current() {
        String name = System.getProperty("os.arch", "");
        return switch (name) {
            case "amd64", "x86_64" -> AMD64;
            case "aarch64", "arm64" -> ARM64;
            default ->
                throw new IllegalStateException("no system call table for this machine's architecture " + name
                        + "; there are tables for amd64 and arm64");
        };
    }

    /** What a person calls the architecture that a filter reported, also one we do not run on. */
    public static String describe(int auditArch) {
        return switch (auditArch) {
            case 0xC000003E -> "amd64";
            case 0xC00000B7 -> "arm64";
            case 0x40000003 -> "i386";
            case 0x40000028 -> "arm";
            default -> String.format(Locale.ROOT, "architecture 0x%08x", auditArch);
        };
    }
}
