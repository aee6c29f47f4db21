// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gabion.api.v1alpha1.SeccompProfiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;

class SeccompCompilerTest {
    private static final int ENOSYS = 38;

    /** Every call of the table, with arguments around every value that a test mentions: the program says what the data says. */
    @ParameterizedTest
    @EnumSource(Arch.class)
    void theFilterSaysWhatTheProfileSays(Arch arch) {
        Random random = new Random(1);
        for (String name : SeccompProfiles.SHIPPED) {
            SeccompProfile profile = SeccompProfile.shipped(name);
            BpfMachine machine = new BpfMachine(SeccompCompiler.compile(profile, arch));
            SyscallTable table = SyscallTable.of(arch);
            for (String call : table.names()) {
                int number = table.number(call).orElseThrow();
                for (int round = 0; round < 60; round++) {
                    long[] arguments = arguments(profile, call, random);
                    assertThat(machine.run(number, arch.auditArch(), arguments))
                            .as("%s %s(%s)", name, call, java.util.Arrays.toString(arguments))
                            .isEqualTo(profile.decide(call, arguments).returnValue());
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource(ArgTest.Operator.class)
    void everyOperatorComparesSixtyFourBitsUnsigned(ArgTest.Operator operator) {
        Random random = new Random(2);
        long[] interesting = {
            0, 1, -1, 0x7fffffffL, 0x80000000L, 0xffffffffL, 0x100000000L, Long.MIN_VALUE, Long.MAX_VALUE
        };
        int number = SyscallTable.of(Arch.AMD64).number("read").orElseThrow();
        for (int round = 0; round < 300; round++) {
            long value = pick(interesting, random);
            long two = operator == ArgTest.Operator.MASKED_EQ ? pick(interesting, random) & value : 0;
            ArgTest test = new ArgTest(random.nextInt(6), value, two, operator);
            SeccompProfile profile = new SeccompProfile(
                    Action.VIOLATION, List.of(new Rule(List.of("read"), Action.ALLOW, List.of(test))));
            BpfMachine machine = new BpfMachine(SeccompCompiler.compile(profile, Arch.AMD64));
            for (int i = 0; i < 30; i++) {
                long[] arguments = new long[6];
                arguments[test.index()] =
                        random.nextBoolean() ? pick(interesting, random) : value + random.nextInt(3) - 1;
                assertThat(machine.run(number, Arch.AMD64.auditArch(), arguments))
                        .as("%s of %x", test, arguments[test.index()])
                        .isEqualTo(profile.decide("read", arguments).returnValue());
            }
        }
    }

    @Test
    void foreignArchitecturesAndX32AreViolationsAndNewCallsDoNotExist() {
        BpfMachine machine = new BpfMachine(SeccompCompiler.compile(SeccompProfile.shipped("python"), Arch.AMD64));
        int getpid = SyscallTable.of(Arch.AMD64).number("getpid").orElseThrow();
        int violation = Action.VIOLATION.returnValue();

        assertThat(machine.run(getpid, Arch.AMD64.auditArch(), new long[6])).isEqualTo(Action.ALLOW.returnValue());
        assertThat(machine.run(20, 0x40000003, new long[6])).isEqualTo(violation);
        assertThat(machine.run(getpid | SyscallTable.X32_BIT, Arch.AMD64.auditArch(), new long[6]))
                .isEqualTo(violation);
        assertThat(machine.run(getpid, Arch.ARM64.auditArch(), new long[6])).isEqualTo(violation);
        assertThat(machine.run(5_000, Arch.AMD64.auditArch(), new long[6])).isEqualTo(0x00050000 | ENOSYS);
        assertThat(machine.run(335, Arch.AMD64.auditArch(), new long[6]))
                .as("a hole in the table")
                .isEqualTo(violation);
    }

    @Test
    void aPersonReadsTheNameOfAnyCall() {
        assertThat(SyscallTable.describe(101, Arch.AMD64.auditArch())).isEqualTo("ptrace");
        assertThat(SyscallTable.describe(117, Arch.ARM64.auditArch())).isEqualTo("ptrace");
        assertThat(SyscallTable.describe(20, 0x40000003)).isEqualTo("i386 call 20");
        assertThat(SyscallTable.describe(39 | SyscallTable.X32_BIT, Arch.AMD64.auditArch()))
                .isEqualTo("x32 getpid");
        assertThat(SyscallTable.describe(9999, Arch.AMD64.auditArch())).isEqualTo("call 9999");
    }

    @ParameterizedTest
    @EnumSource(Arch.class)
    void aFilterIsSmallAndTheSameEachTime(Arch arch) {
        byte[] program = SeccompCompiler.compile(SeccompProfile.shipped("default"), arch);

        assertThat(program.length / 8).isBetween(100, 1_000);
        assertThat(SeccompCompiler.compile(SeccompProfile.shipped("default"), arch))
                .isEqualTo(program);
    }

    @Test
    void theThreeClassesOfTheDefaultProfile() {
        SeccompProfile profile = SeccompProfile.shipped("default");
        long[] none = new long[6];

        for (String allowed : List.of("read", "execve", "fork", "futex", "mmap", "getrandom", "rt_sigaction", "kill")) {
            assertThat(profile.decide(allowed, none)).as(allowed).isEqualTo(Action.ALLOW);
        }
        for (String quiet : List.of(
                "clone3", "io_uring_setup", "mlock", "sched_setaffinity", "setpriority", "memfd_create", "seccomp")) {
            assertThat(profile.decide(quiet, none)).as(quiet).isInstanceOf(Action.Errno.class);
        }
        for (String violation : List.of(
                "ptrace",
                "mount",
                "unshare",
                "setns",
                "bpf",
                "keyctl",
                "perf_event_open",
                "init_module",
                "process_vm_readv",
                "userfaultfd",
                "reboot",
                "kexec_load",
                "open_by_handle_at",
                "pivot_root",
                "chroot",
                "connect")) {
            assertThat(profile.decide(violation, none)).as(violation).isEqualTo(Action.VIOLATION);
        }
        assertThat(profile.decide("socket", 2, 1, 0, 0, 0, 0)).isEqualTo(Action.VIOLATION);
        assertThat(profile.decide("socket", 17, 3, 0, 0, 0, 0)).isEqualTo(Action.VIOLATION);
        assertThat(profile.decide("socket", 1, 1, 0, 0, 0, 0)).isEqualTo(new Action.Errno(13));
        assertThat(profile.decide("socketpair", 1, 1, 0, 0, 0, 0)).isEqualTo(Action.ALLOW);
        assertThat(profile.decide("clone", 0x1200011, 0, 0, 0, 0, 0)).isEqualTo(Action.ALLOW);
        assertThat(profile.decide("clone", 0x10000011, 0, 0, 0, 0, 0)).isEqualTo(Action.VIOLATION);
        assertThat(profile.decide("ioctl", 0, 0x5412, 0, 0, 0, 0)).isEqualTo(Action.VIOLATION);
        assertThat(profile.decide("ioctl", 0, 0xf00005412L, 0, 0, 0, 0))
                .as("the kernel reads 32 bits")
                .isEqualTo(Action.VIOLATION);
        assertThat(profile.decide("mknod", 0, 0020666, 0, 0, 0, 0)).isEqualTo(Action.VIOLATION);
        assertThat(profile.decide("mknod", 0, 0010666, 0, 0, 0, 0)).isEqualTo(Action.ALLOW);
        assertThat(profile.decide("personality", 0x0040000, 0, 0, 0, 0, 0)).isEqualTo(Action.VIOLATION);
    }

    /** {@code default} has every family of calls; what a language has no use for is not allowed to its guests. */
    @ParameterizedTest
    @FieldSource("dev.gabion.api.v1alpha1.SeccompProfiles#SHIPPED")
    void aShippedProfileIsTheBaseAndFamiliesOfTheDefault(String name) {
        List<Rule> base = SeccompProfile.base().rules();
        List<Rule> families = SeccompProfile.shipped("default").rules();
        List<Rule> rules = SeccompProfile.shipped(name).rules();

        assertThat(rules.subList(rules.size() - base.size(), rules.size())).isEqualTo(base);
        assertThat(families.subList(0, families.size() - base.size()))
                .containsAll(rules.subList(0, rules.size() - base.size()));
        assertThat(SeccompProfiles.NEVER_ALLOWED.keySet()).allSatisfy(call -> assertThat(rules)
                .noneMatch(rule -> rule.names().contains(call) && rule.action().equals(Action.ALLOW)));
    }

    @Test
    void aFamilyThatALanguageHasNoUseForIsAsIfTheKernelHadNone() {
        SeccompProfile bash = SeccompProfile.shipped("bash");
        Action none = new Action.Errno(ENOSYS);

        assertThat(bash.decide("inotify_init1", new long[6])).isEqualTo(Action.ALLOW);
        assertThat(bash.decide("epoll_wait", new long[6])).isEqualTo(none);
        assertThat(bash.decide("sendmsg", new long[6])).isEqualTo(none);
        assertThat(bash.decide("socketpair", 1, 1, 0, 0, 0, 0)).isEqualTo(new Action.Errno(95));
        assertThat(bash.decide("socketpair", 2, 1, 0, 0, 0, 0)).isEqualTo(Action.VIOLATION);
        assertThat(SeccompProfile.shipped("python").decide("timer_create", new long[6]))
                .isEqualTo(none);
        assertThat(SeccompProfile.shipped("node").decide("setitimer", new long[6]))
                .isEqualTo(none);
        assertThat(SeccompProfile.shipped("c").decide("timer_create", new long[6]))
                .isEqualTo(Action.ALLOW);
    }

    /** A call that the guest's filter names must reach it: the stricter outer answer wins in the kernel. */
    @Test
    void thePodsProfilePassesWhatTheGuestsNamesButForAKnownList() throws IOException {
        JsonNode pod;
        try (InputStream in = Objects.requireNonNull(SeccompProfile.class.getResourceAsStream("pod/runner.json"))) {
            pod = new ObjectMapper().readTree(in);
        }
        Set<String> passed = new HashSet<>();
        for (JsonNode entry : pod.path("syscalls")) {
            if (entry.path("action").asText().equals("SCMP_ACT_ALLOW")) {
                entry.path("names").forEach(name -> passed.add(name.asText()));
            }
        }
        SeccompProfile guest = SeccompProfile.shipped("default");
        Set<String> lost = new HashSet<>();
        for (Arch arch : Arch.values()) {
            for (String name : SyscallTable.of(arch).names()) {
                if (!guest.decide(name, new long[6]).equals(new Action.Errno(ENOSYS)) && !passed.contains(name)) {
                    lost.add(name);
                }
            }
        }
        // Only the machine's administrator may call these, or no kernel has them any more: the pod's filter answers
        // EPERM.
        assertThat(lost)
                .containsExactlyInAnyOrder(
                        "init_module",
                        "finit_module",
                        "delete_module",
                        "create_module",
                        "query_module",
                        "get_kernel_syms",
                        "kexec_load",
                        "kexec_file_load",
                        "reboot",
                        "swapon",
                        "swapoff",
                        "iopl",
                        "ioperm",
                        "acct",
                        "quotactl",
                        "quotactl_fd",
                        "nfsservctl",
                        "uselib",
                        "vserver",
                        "tuxcall",
                        "security",
                        "putpmsg",
                        "getpmsg",
                        "afs_syscall",
                        "lookup_dcookie",
                        "_sysctl",
                        "set_thread_area",
                        "get_thread_area",
                        "settimeofday",
                        "clock_settime",
                        "open_by_handle_at",
                        "vhangup");
        assertThat(passed)
                .contains(
                        "clone",
                        "clone3",
                        "mount",
                        "umount2",
                        "pivot_root",
                        "sethostname",
                        "seccomp",
                        "landlock_restrict_self",
                        "open_tree",
                        "move_mount",
                        "mount_setattr",
                        "perf_event_open");
    }

    @Test
    void aBrokenProfileIsRefusedWithThePlace() {
        assertThatThrownBy(() -> parse("{\"defaultAction\":\"SCMP_ACT_TRACE\"}"))
                .hasMessageContaining("SCMP_ACT_TRACE")
                .hasMessageContaining("SCMP_ACT_ALLOW");
        assertThatThrownBy(() -> parse("""
            {"defaultAction":"SCMP_ACT_NOTIFY","syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW"},
             {"names":["raed"],"action":"SCMP_ACT_ALLOW"}]}\
            """)).hasMessageContaining("syscalls[1]").hasMessageContaining("raed");
        assertThatThrownBy(() -> parse("""
            {"defaultAction":"SCMP_ACT_NOTIFY","syscalls":[{"names":["read"],"action":"SCMP_ACT_ALLOW",
             "args":[{"index":0,"value":1,"op":"SCMP_CMP_ALMOST"}]}]}\
            """)).hasMessageContaining("SCMP_CMP_ALMOST");
        assertThatThrownBy(() -> parse("not json")).hasMessageContaining("not JSON");
        assertThatThrownBy(() -> SeccompProfile.shipped("perl")).hasMessageContaining("python-scientific");
    }

    private static SeccompProfile parse(String json) {
        return SeccompProfile.parse(json.getBytes(StandardCharsets.UTF_8));
    }

    private static long[] arguments(SeccompProfile profile, String call, Random random) {
        long[] arguments = new long[6];
        for (Rule rule : profile.rules()) {
            if (!rule.names().contains(call)) {
                continue;
            }
            for (ArgTest test : rule.tests()) {
                if (random.nextInt(3) == 0) {
                    long near = random.nextBoolean() ? test.value() : test.valueTwo();
                    arguments[test.index()] = near + random.nextInt(3) - 1 + (random.nextInt(4) == 0 ? 1L << 40 : 0);
                }
            }
        }
        return arguments;
    }

    private static long pick(long[] values, Random random) {
        return values[random.nextInt(values.length)];
    }
}
