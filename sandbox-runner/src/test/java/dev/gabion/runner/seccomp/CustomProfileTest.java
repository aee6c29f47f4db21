// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gabion.api.v1alpha1.CustomSeccompProfile;
import dev.gabion.api.v1alpha1.SeccompAction;
import dev.gabion.api.v1alpha1.SeccompArg;
import dev.gabion.api.v1alpha1.SeccompOperator;
import dev.gabion.api.v1alpha1.SeccompProfiles;
import dev.gabion.api.v1alpha1.SeccompRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

/** Profiles that somebody else wrote: what they can say, and what they cannot. */
class CustomProfileTest {
    static final List<String> NEVER = List.copyOf(SeccompProfiles.NEVER_ALLOWED.keySet());
    private static final int AF_INET = 2;
    private static final int AF_UNIX = 1;

    @Test
    void anAdditionWinsAndTheRestIsItsBases() {
        SeccompProfile profile = SeccompProfile.of(
                addition(allow(List.of("socket"), SeccompArg.int32(0, AF_INET)), allow(List.of("connect"))));

        assertThat(profile.decide("socket", AF_INET, 1, 0, 0, 0, 0)).isEqualTo(Action.ALLOW);
        assertThat(profile.decide("connect", new long[6])).isEqualTo(Action.ALLOW);
        assertThat(profile.decide("socket", 10, 1, 0, 0, 0, 0)).isEqualTo(Action.VIOLATION);
        assertThat(profile.decide("socket", AF_UNIX, 1, 0, 0, 0, 0)).isEqualTo(new Action.Errno(13));
        assertThat(profile.decide("ptrace", new long[6])).isEqualTo(Action.VIOLATION);
    }

    @Test
    void aWholeProfileRefusesWhatItDoesNotList() {
        SeccompProfile profile = SeccompProfile.of(whole(
                SeccompAction.SCMP_ACT_ERRNO, 38, allow(List.of("read", "write", "execve", "exit_group", "brk"))));

        assertThat(profile.decide("brk", new long[6])).isEqualTo(Action.ALLOW);
        assertThat(profile.decide("openat", new long[6])).isEqualTo(new Action.Errno(38));
        assertThat(profile.decide("clone", 0x10000000, 0, 0, 0, 0, 0)).isEqualTo(Action.VIOLATION);
    }

    @ParameterizedTest
    @FieldSource("NEVER")
    void noProfileAllowsWhatWouldUndoTheIsolation(String call) {
        assertThatThrownBy(() -> SeccompProfile.of(addition(allow(List.of("getpid")), allow(List.of("brk", call)))))
                .hasMessageStartingWith("syscalls[1].names: " + call + " can never be allowed: ");
        assertThat(SeccompProfile.of(addition(
                                new SeccompRule(null, List.of(call), SeccompAction.SCMP_ACT_ERRNO, 38, List.of())))
                        .decide(call, new long[6]))
                .as("refusing it is everybody's right")
                .isEqualTo(new Action.Errno(38));
    }

    @Test
    void theSecurityPageListsThem() throws IOException {
        String page = Files.readString(Path.of("../docs/security.md"));
        assertThat(NEVER).allSatisfy(call -> assertThat(page).contains("`" + call + "`"));
    }

    /** Each is allowed as a whole; the guard stands in front, in the data and in the compiled filter. */
    @ParameterizedTest
    @CsvSource(textBlock = """
            clone,     0, 0x10000011, 1
            clone,     0, 0x40000011, 1
            clone,     0, 0x00020011, 1
            ioctl,     1, 0x5412,     1
            ioctl,     1, 0xf00005412, 1
            prctl,     0, 22,         22
            prctl,     0, 35,         22
            mknod,     1, 0x2180,     1
            mknodat,   2, 0x6180,     1
            socket,    0, 40,         1
            """)
    void argumentsThatWouldUndoTheIsolationStayRefused(String call, int index, String value, int errno) {
        SeccompProfile profile = SeccompProfile.of(addition(allow(List.of(call))));
        long[] arguments = new long[6];
        arguments[index] = Long.decode(value);
        Action answer = profile.decide(call, arguments);

        assertThat(answer).isIn(Action.VIOLATION, new Action.Errno(errno));
        for (Arch arch : Arch.values()) {
            SyscallTable.of(arch).number(call).ifPresent(number -> {
                BpfMachine machine = new BpfMachine(SeccompCompiler.compile(profile, arch));
                assertThat(machine.run(number, arch.auditArch(), arguments)).isEqualTo(answer.returnValue());
                assertThat(machine.run(number, arch.auditArch(), new long[6])).isEqualTo(Action.ALLOW.returnValue());
            });
        }
    }

    @Test
    void anotherProcessLimitsStayAsTheyAre() {
        SeccompProfile profile = SeccompProfile.of(addition(allow(List.of("prlimit64"))));

        assertThat(profile.decide("prlimit64", 1, 7, 0x7fff0000, 0, 0, 0)).isEqualTo(new Action.Errno(1));
        assertThat(profile.decide("prlimit64", 1, 7, 0, 0x7fff0000, 0, 0)).isEqualTo(Action.ALLOW);
        assertThat(profile.decide("prlimit64", 0, 7, 0x7fff0000, 0, 0, 0)).isEqualTo(Action.ALLOW);
    }

    /** The guard only repeats what the shipped profiles say of the same arguments, so that extending one loosens nothing. */
    @Test
    void theGuardIsNoLooserThanTheShippedProfiles() {
        for (String name : SeccompProfiles.SHIPPED) {
            SeccompProfile shipped = SeccompProfile.shipped(name);
            SeccompProfile guarded = shipped.with(SeccompProfile.guard());
            for (Rule rule : SeccompProfile.guard()) {
                for (String call : rule.names()) {
                    long[] arguments = new long[6];
                    rule.tests()
                            .forEach(test -> arguments[test.index()] =
                                    test.operator() == ArgTest.Operator.NE ? test.value() + 1 : test.valueTwo());
                    assertThat(guarded.decide(call, arguments))
                            .as("%s: %s(%s)", name, call, java.util.Arrays.toString(arguments))
                            .isEqualTo(shipped.decide(call, arguments));
                }
            }
        }
    }

    @Test
    void whatCannotWorkIsRefusedWithItsPlace() {
        assertThatThrownBy(() -> SeccompProfile.of(addition(allow(List.of("raed")))))
                .hasMessage("syscalls[0].names: no architecture has a system call raed");
        assertThatThrownBy(() -> SeccompProfile.of(addition(allow(List.of("write"), SeccompArg.int32(0, 1)))))
                .hasMessageStartingWith("syscalls[0].names: write must be allowed without conditions");
        assertThatThrownBy(() -> SeccompProfile.of(
                        whole(SeccompAction.SCMP_ACT_NOTIFY, null, allow(List.of("read", "write", "execve")))))
                .hasMessage("syscalls: exit_group must be allowed, no guest can start without it");
        assertThatThrownBy(() -> SeccompProfile.of(whole(SeccompAction.SCMP_ACT_ALLOW, null)))
                .hasMessageStartingWith("defaultAction: SCMP_ACT_ALLOW is not allowed");
        assertThatThrownBy(
                        () -> SeccompProfile.of(new CustomSeccompProfile("own", null, "perl", null, null, List.of())))
                .hasMessageContaining("extends: there is no shipped profile 'perl'")
                .hasMessageContaining("python-scientific");
        assertThatThrownBy(() -> SeccompProfile.of(new CustomSeccompProfile("own", null, null, null, null, List.of())))
                .hasMessage("extends: exactly one of extends and defaultAction must be given");
        assertThatThrownBy(() -> SeccompProfile.of(
                        addition(allow(List.of("brk"), new SeccompArg(6, 0L, null, SeccompOperator.SCMP_CMP_EQ)))))
                .hasMessageStartingWith("syscalls[0].args[0]: argument index 6");
    }

    private static CustomSeccompProfile addition(SeccompRule... rules) {
        return new CustomSeccompProfile("own", null, "python", null, null, List.of(rules));
    }

    private static CustomSeccompProfile whole(SeccompAction action, @Nullable Integer errno, SeccompRule... rules) {
        return new CustomSeccompProfile("own", null, null, action, errno, List.of(rules));
    }

    private static SeccompRule allow(List<String> names, SeccompArg... args) {
        return new SeccompRule(null, names, SeccompAction.SCMP_ACT_ALLOW, null, List.of(args));
    }
}
