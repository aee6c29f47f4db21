// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import dev.gabion.runner.launch.LaunchEvent;

/** What the launcher could not do, in its own words, and where the machine's settings are the cause, which. Pure. */
final class LauncherFailures {
    // errno(3), the same numbers on both our architectures.
    private static final int EPERM = 1;
    private static final int EACCES = 13;
    private static final int ENOSPC = 28;

    private static final String NO_USER_NAMESPACE =
            "; this machine gives no user namespace here (user.max_user_namespaces, kernel.unprivileged_userns_clone,"
                    + " AppArmor or a seccomp profile): gabion doctor on it tells what to change";

    private static final String NO_MOUNTS =
            "; a security module of this machine forbids mounts in a user namespace: gabion doctor on it tells which, and"
                    + " docs/install.md how AppArmor is told to allow them";

    static String explain(LaunchEvent.Failure failure) {
        String told = "launcher, " + failure.stage() + ": " + failure.message();
        return failure.errno() == 0 ? told : told + " (errno " + failure.errno() + ")" + cause(failure);
    }

    /** Each pair was seen on a kernel that is set so (make vm-test). */
    private static String cause(LaunchEvent.Failure failure) {
        int errno = failure.errno();
        return switch (failure.stage()) {
            // max_user_namespaces answers ENOSPC, unprivileged_userns_clone EPERM, AppArmor without userns EACCES
            case "clone", "id maps" -> errno == EPERM || errno == EACCES || errno == ENOSPC ? NO_USER_NAMESPACE : "";
            case "root" -> errno == EACCES ? NO_MOUNTS : "";
            default -> "";
        };
    }

    private LauncherFailures() {}
}
