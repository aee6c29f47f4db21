// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import dev.gabion.api.runner.JobPlan;
import dev.gabion.api.v1alpha1.EnvVar;
import dev.gabion.api.v1alpha1.IsolationLevel;
import dev.gabion.api.v1alpha1.ProcMount;
import dev.gabion.runner.launch.LaunchRequest;
import dev.gabion.runner.launch.LaunchRequest.Resource;
import dev.gabion.runner.meter.WorkDirectory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the guest finds: its root, its work directory, its environment and its limits, as one request to the launcher.
 * At level Process a read-only root of the system's own directories and one tmpfs, {@code /work}, which also holds
 * {@code /tmp} and {@code /dev/shm}, so that one size bounds them all. At level Pod the pod's own root and a folder of
 * its scratch volume.
 */
final class Sandbox {
    static final String WORK = "/work";
    private static final String OPENSSL = "/etc/ssl/openssl.cnf";
    private static final String BUILT = "/built/program";
    private static final int UID = 65_532;
    private static final int WORK_MODE = 0755;
    /** The launcher takes 64 files; four are ours. */
    private static final int MAX_FILES = 60;

    private static final int MAX_FILE_BYTES = 1024 * 1024;

    /** A second wall behind the watching: what a guest may map before the next measurement. Node reserves much. */
    private static final long DATA_SLACK_BYTES = 512L * 1024 * 1024;

    /** Threads that this JVM may still start while the guest runs. */
    private static final int SPARE_THREADS = 16;

    /** Directories of the system that programs need; what does not exist is left out, a link stays a link. */
    private static final List<String> SYSTEM = List.of("/usr", "/bin", "/sbin", "/lib", "/lib32", "/libx32", "/lib64");

    /** Files below /etc that interpreters and libraries read; nothing that tells about the machine or its users. */
    private static final List<String> CONFIGURATION = List.of(
            "/etc/alternatives",
            "/etc/fonts",
            "/etc/ld.so.cache",
            "/etc/ld.so.conf",
            "/etc/ld.so.conf.d",
            "/etc/localtime",
            "/etc/mime.types",
            "/etc/matplotlibrc",
            "/etc/python3",
            "/etc/python3.11",
            "/etc/python3.13",
            "/etc/inputrc",
            "/etc/magic",
            "/var/cache/fontconfig");

    private final JobPlan plan;
    private final EngineOptions options;
    private final Map<String, byte[]> files;
    private final Path podWork;

    /**
     * @param files the program's files by name, the program first
     * @param podWork the work directory of level Pod
     */
    Sandbox(JobPlan plan, EngineOptions options, Map<String, byte[]> files, Path podWork) {
        this.plan = plan;
        this.options = options;
        this.files = new LinkedHashMap<>(files);
        this.podWork = podWork;
    }

    private boolean podLevel() {
        return plan.isolation() == IsolationLevel.Pod;
    }

    /** The guest's work directory as the guest sees it. */
    String workDirectory() {
        return podLevel() ? podWork.toString() : WORK;
    }

    /**
     * The guest's work directory as this process sees it while the guest's first process lives. Not through the init: that
     * is not dumpable, so the kernel refuses its root to a runner without privilege.
     */
    Path workFromOutside(long guestPid) {
        return podLevel() ? podWork : Path.of("/proc/" + guestPid + "/root" + WORK);
    }

    /** How full it is, and at level Pod, where no file system bounds it, whether that is too much. */
    WorkDirectory fill(long guestPid, StepLimits limits) {
        Path directory = workFromOutside(guestPid);
        return podLevel()
                ? WorkDirectory.watched(directory, limits.scratchSizeBytes(), limits.scratchFiles())
                : WorkDirectory.bounded(directory);
    }

    /** Where the compile step writes what it builds, as the guest sees it. */
    String compilerOutput() {
        return workDirectory() + "/a.out";
    }

    /**
     * @param compile true: the compile step's request
     * @param built what the compile step built; null: nothing
     * @param filter the seccomp program
     * @param sockets the program allows Internet sockets: a profile of the administrator's own may
     */
    LaunchRequest request(boolean compile, StepLimits limits, @Nullable Path built, byte[] filter, boolean sockets)
            throws IOException {
        LaunchRequest request = new LaunchRequest();
        request.level(podLevel());
        boolean proc = !podLevel() && plan.program().proc() == ProcMount.Private;
        request.flags(true, proc, options.learn(), sockets);
        int outside = Root.isRoot() ? options.outsideUid() : -1;
        if (!podLevel() || Root.isRoot()) {
            request.ids(UID, UID, outside, outside);
        }
        if (options.testSwitches() != 0) {
            request.testSwitches(options.testSwitches());
        }
        layOut(request, limits, built);
        limit(request, limits);
        request.seccomp(filter);
        request.directory(workDirectory());
        environment().forEach(request::environment);
        List<String> command =
                compile ? plan.program().compile() : plan.program().command();
        String program = workDirectory() + "/" + files.keySet().iterator().next();
        String out = compile || podLevel() ? compilerOutput() : BUILT;
        for (String word : command) {
            request.argument(word.replace("{file}", program)
                    .replace("{dir}", workDirectory())
                    .replace("{out}", out));
        }
        if (!compile) {
            plan.args().forEach(request::argument);
        }
        return request;
    }

    private void layOut(LaunchRequest request, StepLimits limits, @Nullable Path built) throws IOException {
        long size = Math.max(64 * 1024, plan.limits().scratchSizeBytes());
        request.tmpfs(workDirectory(), size, limits.scratchFiles(), WORK_MODE);
        for (String directory : SYSTEM) {
            Path path = Path.of(directory);
            if (!podLevel() && Files.isSymbolicLink(path)) {
                request.symlink(Files.readSymbolicLink(path).toString(), directory);
            } else {
                request.bind(directory, directory, true);
            }
        }
        for (String path : CONFIGURATION) {
            request.bind(path, path, true);
        }
        if (podLevel()) {
            request.bind(OPENSSL, OPENSSL, true); // a refusal, other than its absence, keeps Node.js from starting
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                Files.write(podWork.resolve(file.getKey()), file.getValue());
            }
            return;
        }
        if (built != null) {
            request.bind(built.toString(), BUILT, false);
        }
        request.symlink(WORK + "/.tmp", "/tmp");
        request.symlink(WORK + "/.shm", "/dev/shm");
        request.symlink("/proc/self/fd", "/dev/fd");
        request.symlink("/proc/self/fd/0", "/dev/stdin");
        request.symlink("/proc/self/fd/1", "/dev/stdout");
        request.symlink("/proc/self/fd/2", "/dev/stderr");
        request.file(WORK + "/.tmp/.keep", 0644, new byte[0]);
        request.file(WORK + "/.shm/.keep", 0644, new byte[0]);
        request.file("/etc/passwd", 0644, ascii("sandbox:x:" + UID + ":" + UID + ":sandbox:" + WORK + ":/bin/sh\n"));
        request.file("/etc/group", 0644, ascii("sandbox:x:" + UID + ":\n"));
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            request.file(WORK + "/" + file.getKey(), 0644, file.getValue());
        }
    }

    /**
     * Refuses what the launcher would refuse, in words about the job.
     *
     * @throws IllegalArgumentException naming the file
     */
    static void check(Map<String, byte[]> files) {
        if (files.size() > MAX_FILES) {
            throw new IllegalArgumentException(
                    "the source has " + files.size() + " files; at most " + MAX_FILES + " are allowed");
        }
        files.forEach((name, content) -> {
            if (content.length > MAX_FILE_BYTES) {
                throw new IllegalArgumentException("source file " + name + " has " + content.length + " bytes; at most "
                        + MAX_FILE_BYTES + " are allowed");
            }
            if (name.isEmpty() || name.equals(".") || name.equals("..") || name.contains("/") || name.contains("\0")) {
                throw new IllegalArgumentException("source file name \"" + name + "\" is not a plain file name");
            }
        });
    }

    private void limit(LaunchRequest request, StepLimits limits) {
        // One second more than the engine's own clock, per process: for the case that the engine cannot look.
        long cpuSeconds = limits.cpuTimeMilliseconds() / 1000 + 2;
        request.limit(Resource.CPU, cpuSeconds, cpuSeconds + 1);
        request.limit(Resource.FSIZE, limits.fileSizeBytes());
        request.limit(Resource.DATA, 2 * limits.memoryBytes() + DATA_SLACK_BYTES);
        request.limit(Resource.CORE, 0);
        request.limit(Resource.NOFILE, limits.openFiles());
        // gVisor counts per user and not per user namespace; a JVM starts some more threads as it goes.
        boolean together = podLevel() || Root.isGvisor(Path.of("/proc"));
        long others = together
                ? Root.threadsOf(Root.isRoot() ? options.outsideUid() : Root.uid()) + (podLevel() ? 0 : SPARE_THREADS)
                : 0;
        request.limit(Resource.NPROC, limits.processes() + others);
    }

    private Map<String, String> environment() {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("PATH", "/usr/local/bin:/usr/bin:/bin");
        variables.put("HOME", workDirectory());
        variables.put("USER", "sandbox");
        variables.put("LANG", "C.UTF-8");
        variables.put("TMPDIR", podLevel() ? workDirectory() : "/tmp");
        for (EnvVar variable : plan.program().env()) {
            variables.put(variable.name(), variable.value());
        }
        for (EnvVar variable : plan.env()) {
            variables.put(variable.name(), variable.value());
        }
        return variables;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
