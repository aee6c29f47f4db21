// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.doctor;

import dev.gabion.runner.CpuQuota;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the kernel's settings mean for the isolation. Pure, over {@link HostFiles}. */
final class HostChecks {
    private static final Pattern RELEASE = Pattern.compile("(\\d+)\\.(\\d+).*");

    /** mount_setattr(2), with which the root is made read-only, came with 5.12. */
    private static final int KERNEL_MAJOR = 5;

    private static final int KERNEL_MINOR = 12;

    /** Highest kernel.perf_event_paranoid at which a program may count its own children's CPU time (perf_event_open(2)). */
    private static final int PERF_PARANOID = 2;

    static List<Check> all(HostFiles host) {
        List<Check> checks = new ArrayList<>();
        checks.add(kernel(host));
        checks.add(architecture(System.getProperty("os.arch", "")));
        checks.add(userNamespaces(host));
        checks.add(seccomp(host));
        checks.add(cgroup(host));
        checks.add(perf(host));
        checks.add(cpuRate(CpuQuota.whyNot()));
        checks.add(securityModules(host));
        return checks;
    }

    static Check cpuRate(@Nullable String whyNot) {
        String name = "CPU rate (--cpu)";
        return whyNot == null
                ? Check.ok(name, "kept by a cgroup of the job's own")
                : Check.weaker(
                        name, whyNot, "root, or a session that was given the cpu controller (systemd: Delegate=cpu)");
    }

    static Check kernel(HostFiles host) {
        String name = "kernel";
        Optional<String> release = host.text("proc/sys/kernel/osrelease");
        Matcher matcher = RELEASE.matcher(release.orElse(""));
        if (!matcher.matches()) {
            return Check.unknown(name, "/proc/sys/kernel/osrelease cannot be read");
        }
        int major = Integer.parseInt(matcher.group(1));
        int minor = Integer.parseInt(matcher.group(2));
        boolean enough = major > KERNEL_MAJOR || (major == KERNEL_MAJOR && minor >= KERNEL_MINOR);
        return enough
                ? Check.ok(name, release.get())
                : Check.missing(name, release.get(), "a kernel of at least " + KERNEL_MAJOR + "." + KERNEL_MINOR);
    }

    static Check architecture(String arch) {
        String name = "architecture";
        return switch (arch) {
            case "amd64", "aarch64" -> Check.ok(name, arch);
            default ->
                Check.missing(name, arch, "an amd64 or arm64 machine: the filters of system calls are for these");
        };
    }

    static Check userNamespaces(HostFiles host) {
        String name = "user namespaces";
        Optional<String> most = host.text("proc/sys/user/max_user_namespaces");
        if (most.isEmpty()) {
            return Check.missing(
                    name, "the kernel has none", "a kernel with CONFIG_USER_NS, or level Pod inside a cluster");
        }
        if (most.get().equals("0")) {
            return Check.missing(name, "user.max_user_namespaces is 0", "sysctl -w user.max_user_namespaces=15000");
        }
        if (host.text("proc/sys/kernel/unprivileged_userns_clone").orElse("1").equals("0")) {
            String found = "kernel.unprivileged_userns_clone is 0: only root may make one";
            String change = "sysctl -w kernel.unprivileged_userns_clone=1";
            // Debian's setting asks for CAP_SYS_ADMIN, which a pod's runner never has.
            return isRoot(host)
                    ? Check.weaker(name, found + "; you are, other users' jobs and those of pods are refused", change)
                    : Check.missing(name, found, change);
        }
        if (host.text("proc/sys/kernel/apparmor_restrict_unprivileged_userns")
                .orElse("0")
                .equals("1")) {
            return Check.weaker(
                    name,
                    "AppArmor restricts them (kernel.apparmor_restrict_unprivileged_userns is 1): programs without a"
                            + " profile that allows userns get none",
                    "an AppArmor profile for gabion-launch with the rule 'userns,', or"
                            + " sysctl -w kernel.apparmor_restrict_unprivileged_userns=0");
        }
        return Check.ok(name, "allowed, at most " + most.get());
    }

    private static boolean isRoot(HostFiles host) {
        return host.text("proc/self/status")
                .orElse("")
                .lines()
                .anyMatch(line -> line.matches("Uid:\\s+\\d+\\s+0\\s.*"));
    }

    static Check seccomp(HostFiles host) {
        String name = "seccomp";
        Optional<String> actions = host.text("proc/sys/kernel/seccomp/actions_avail");
        if (actions.isEmpty()) {
            return Check.missing(name, "the kernel has none", "a kernel with CONFIG_SECCOMP_FILTER");
        }
        return List.of(actions.get().split(" ")).contains("user_notif")
                ? Check.ok(name, "filters with notification")
                : Check.missing(name, "no user_notif among: " + actions.get(), "a kernel of at least 5.0");
    }

    static Check cgroup(HostFiles host) {
        String name = "cgroup";
        if (host.exists("sys/fs/cgroup/cgroup.controllers")) {
            return Check.ok(name, "version 2");
        }
        return host.exists("sys/fs/cgroup/memory")
                ? Check.ok(name, "version 1")
                : Check.unknown(name, "none is mounted; memory is limited by rlimits and watching");
    }

    static Check perf(HostFiles host) {
        String name = "perf events";
        Optional<String> paranoid = host.text("proc/sys/kernel/perf_event_paranoid");
        if (paranoid.isEmpty()) {
            return Check.weaker(
                    name,
                    "the kernel has none: CPU time of children that nobody waits for is a lower bound",
                    "a kernel with CONFIG_PERF_EVENTS");
        }
        try {
            return Integer.parseInt(paranoid.get()) <= PERF_PARANOID
                    ? Check.ok(name, "kernel.perf_event_paranoid is " + paranoid.get())
                    : Check.weaker(
                            name,
                            "kernel.perf_event_paranoid is " + paranoid.get()
                                    + ": CPU time of children that nobody waits for is a lower bound",
                            "sysctl -w kernel.perf_event_paranoid=" + PERF_PARANOID);
        } catch (NumberFormatException e) {
            return Check.unknown(name, "kernel.perf_event_paranoid is '" + paranoid.get() + "'");
        }
    }

    static Check securityModules(HostFiles host) {
        String name = "security modules";
        return host.text("sys/kernel/security/lsm")
                .map(list -> Check.ok(name, list))
                .orElseGet(() -> Check.unknown(name, "/sys/kernel/security is not mounted"));
    }

    /** Landlock by the version of its interface; 0: none. */
    static Check landlock(int abi) {
        String name = "Landlock";
        return abi > 0
                ? Check.ok(name, "ABI " + abi)
                : Check.weaker(
                        name,
                        "the kernel has none, or it is not switched on: one layer less around the guest's files",
                        "a kernel of at least 5.13 with landlock in its lsm= list");
    }

    private HostChecks() {}
}
