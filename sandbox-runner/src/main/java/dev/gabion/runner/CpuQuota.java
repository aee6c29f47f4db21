// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A cgroup of one guest's own that keeps its CPU rate, on a machine where this user may make one: as root with cgroup v1
 * or v2, or below what the user's session was given (v2, a group beside the own one). In a pod the kubelet keeps the rate.
 *
 * <p>The quota is the kernel's: in each period of 100 ms all processes in it together get their share and then wait.
 */
public final class CpuQuota implements AutoCloseable {
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
    private static final long PERIOD_MICROS = 100_000;
    private static final int REMOVE_ATTEMPTS = 50;
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final Path directory;

    private CpuQuota(Path directory) {
        this.directory = directory;
    }

    /** Why no rate can be kept on this machine by this user; null: it can. Makes a group and removes it. */
    public static @Nullable String whyNot() {
        try {
            create(1000).close();
            return null;
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    static CpuQuota create(long millicores) throws IOException {
        return create(CGROUPS, Files.readString(Path.of("/proc/self/cgroup")), millicores);
    }

    /**
     * @param root where cgroups are mounted
     * @param membership text of /proc/self/cgroup (cgroups(7))
     * @throws IOException with what was tried and why it was refused, for a person
     */
    static CpuQuota create(Path root, String membership, long millicores) throws IOException {
        long quota = Math.max(1_000, millicores * PERIOD_MICROS / 1000); // the kernel takes no less than 1 ms
        boolean second = Files.exists(root.resolve("cgroup.controllers"));
        List<String> refused = new ArrayList<>();
        for (Path parent : second ? parents(root, membership) : List.of(own(root.resolve("cpu"), membership, "cpu"))) {
            Path directory = parent.resolve("gabion-" + ProcessHandle.current().pid() + "-" + COUNT.incrementAndGet());
            try {
                Files.createDirectory(directory);
            } catch (IOException e) {
                refused.add(parent + ": " + reason(e));
                continue;
            }
            CpuQuota made = new CpuQuota(directory);
            try {
                if (second) {
                    write(directory.resolve("cpu.max"), quota + " " + PERIOD_MICROS);
                } else {
                    write(directory.resolve("cpu.cfs_period_us"), Long.toString(PERIOD_MICROS));
                    write(directory.resolve("cpu.cfs_quota_us"), Long.toString(quota));
                }
                return made;
            } catch (IOException e) {
                made.close();
                refused.add(parent + ": " + reason(e));
            }
        }
        throw new IOException("no cgroup can be made for the CPU rate (" + String.join("; ", refused) + ")");
    }

    /** Version 2: beside the own group, whose parent a session may have been given; and at the top, as root. */
    private static List<Path> parents(Path root, String membership) {
        Path own = own(root, membership, "");
        Path beside = own.getParent();
        return own.equals(root) || beside == null || beside.equals(root) ? List.of(root) : List.of(beside, root);
    }

    private static Path own(Path mount, String membership, String controller) {
        for (String line : membership.split("\n", -1)) {
            String[] parts = line.split(":", 3);
            if (parts.length == 3 && List.of(parts[1].split(",", -1)).contains(controller)) {
                Path own = mount.resolve(parts[2].replaceFirst("^/+", ""));
                return Files.isDirectory(own) ? own : mount;
            }
        }
        return mount;
    }

    /** Puts a process into it; what that starts from now on is in it, too. */
    void take(long pid) throws IOException {
        write(directory.resolve("cgroup.procs"), Long.toString(pid));
    }

    String describe() {
        return directory.resolve("cpu.max").toFile().exists() ? "cgroup v2 cpu.max" : "cgroup v1 cpu.cfs_quota_us";
    }

    private static void write(Path file, String text) throws IOException {
        if (!Files.exists(file)) {
            throw new IOException("no " + file.getFileName() + " there: the cpu controller is not given to it");
        }
        Files.writeString(file, text);
    }

    private static String reason(IOException e) {
        return switch (e) {
            case java.nio.file.AccessDeniedException denied -> "permission denied";
            case java.nio.file.NoSuchFileException gone -> "not there";
            case java.nio.file.FileSystemException other when other.getReason() != null -> other.getReason();
            default -> String.valueOf(e.getMessage());
        };
    }

    /** Removes it. A process that has just ended may hold it for a moment. */
    @Override
    public void close() {
        for (int i = 0; i < REMOVE_ATTEMPTS; i++) {
            if (directory.toFile().delete() || !directory.toFile().exists()) {
                return;
            }
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
