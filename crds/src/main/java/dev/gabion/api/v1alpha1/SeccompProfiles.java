// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What holds for every profile of the guest's system calls, whoever wrote it. The lists are texts first, since the
 * schema's rules are annotations and take constants only.
 */
public final class SeccompProfiles {
    /** Where a SandboxRuntime lists none. */
    public static final String DEFAULT = "default";

    static final String SHIPPED_WORDS = "'default', 'python', 'python-scientific', 'node', 'bash', 'c'";

    private static final String ROOT_WORDS = "'unshare', 'setns', 'clone3', 'mount', 'umount2', 'mount_setattr',"
            + " 'move_mount', 'open_tree', 'open_tree_attr', 'fsopen', 'fsmount', 'fsconfig', 'fspick', 'pivot_root', 'chroot',"
            + " 'open_by_handle_at'";
    private static final String SUPERVISION_WORDS = "'seccomp', 'ptrace', 'process_vm_readv', 'process_vm_writev',"
            + " 'process_madvise', 'process_mrelease', 'pidfd_getfd', 'kcmp'";
    private static final String PAST_THE_FILTER_WORDS = "'io_uring_setup', 'io_uring_enter', 'io_uring_register'";
    private static final String KERNEL_WORDS = "'bpf', 'perf_event_open', 'userfaultfd', 'keyctl', 'add_key',"
            + " 'request_key', 'syslog', 'init_module', 'finit_module', 'delete_module', 'kexec_load', 'kexec_file_load', 'reboot',"
            + " 'swapon', 'swapoff', 'acct', 'quotactl', 'quotactl_fd', 'iopl', 'ioperm', 'settimeofday', 'clock_settime',"
            + " 'clock_adjtime', 'adjtimex', 'vhangup'";

    static final String NEVER_ALLOWED_WORDS =
            ROOT_WORDS + ", " + SUPERVISION_WORDS + ", " + PAST_THE_FILTER_WORDS + ", " + KERNEL_WORDS;
    static final String ALWAYS_ALLOWED_WORDS = "'read', 'write', 'execve', 'exit_group'";

    /** The profiles that are in the runner, in the order in which they are shown. */
    public static final List<String> SHIPPED = words(SHIPPED_WORDS);

    /** Without these the launcher cannot start a guest under the filter: its last steps run under it. */
    public static final List<String> ALWAYS_ALLOWED = words(ALWAYS_ALLOWED_WORDS);

    /** System calls that no profile may allow, each with what it would undo. */
    public static final Map<String, String> NEVER_ALLOWED = neverAllowed();

    private static Map<String, String> neverAllowed() {
        Map<String, String> reasons = new LinkedHashMap<>();
        words(ROOT_WORDS)
                .forEach(call -> reasons.put(
                        call,
                        call.equals("clone3")
                                ? "a filter cannot read its flags, which may ask for namespaces"
                                : "it leads to namespaces or a root of the guest's own"));
        words(SUPERVISION_WORDS).forEach(call -> reasons.put(call, "it reaches what supervises the guest"));
        words(PAST_THE_FILTER_WORDS).forEach(call -> reasons.put(call, "what it does passes by the filter"));
        words(KERNEL_WORDS).forEach(call -> reasons.put(call, "it is about the kernel that all guests share"));
        return java.util.Collections.unmodifiableMap(reasons);
    }

    /** The runtime's own profile of that name. */
    public static Optional<CustomSeccompProfile> custom(String name, SandboxRuntimeSpec runtime) {
        return runtime.customSeccompProfiles().stream()
                .filter(profile -> profile.name().equals(name))
                .findFirst();
    }

    private static List<String> words(String text) {
        return Arrays.stream(text.split(", ", -1))
                .map(word -> word.substring(1, word.length() - 1))
                .toList();
    }

    private SeccompProfiles() {}
}
