// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Who this process is to the kernel. */
final class Root {
    private static final long UID = readUid();
    private static final String GVISOR_VERSION = "#1 SMP Sun Jan 10 15:06:54 PST 2016";

    static long uid() {
        return UID;
    }

    static boolean isRoot() {
        return UID == 0;
    }

    /** Threads of a user that this process can see: RLIMIT_NPROC counts them too where there is no namespace. */
    static int threadsOf(long uid) {
        int threads = 0;
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                try {
                    if (uid(process.resolve("status")) == uid) {
                        String[] tasks = process.resolve("task").toFile().list();
                        threads += tasks == null ? 0 : tasks.length;
                    }
                } catch (IOException e) {
                    // It has ended meanwhile.
                }
            }
        } catch (IOException e) {
            return 0;
        }
        return threads;
    }

    /**
     * Whether the kernel below is gVisor's, whatever a RuntimeClass is called. Its version has been the same since 2018,
     * its release ends in -gvisor since 2026 (pkg/sentry/kernel/version/version.go); a node's own kernel has neither.
     */
    static boolean isGvisor(Path proc) {
        try {
            String version = Files.readString(proc.resolve("version"));
            return version.contains(GVISOR_VERSION) || version.contains("-gvisor ");
        } catch (IOException e) {
            return false;
        }
    }

    private static long readUid() {
        try {
            return uid(Path.of("/proc/self/status"));
        } catch (IOException e) {
            return -1;
        }
    }

    private static long uid(Path status) throws IOException {
        for (String line : Files.readAllLines(status)) {
            if (line.startsWith("Uid:")) {
                return Long.parseLong(line.split("\\s+", -1)[2]);
            }
        }
        return -1;
    }

    private Root() {}
}
