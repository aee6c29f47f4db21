// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner.seccomp;

import java.util.Locale;

/** What a filter answers (SECCOMP_RET_* of linux/seccomp.h). */
public sealed interface Action {

    Action ALLOW = new Allow();
    Action VIOLATION = new Violation();

    /** The value that a filter returns to the kernel. */
    int returnValue();

    record Allow() implements Action {
        @Override
        public int returnValue() {
            return 0x7fff0000;
        }
    }

    /**
     * Refused quietly.
     *
     * @param number the errno, 1 to 4,095
     */
    record Errno(int number) implements Action {
        public Errno {
            if (number < 1 || number > 4095) {
                throw new IllegalArgumentException("errnoRet " + number + " is not within 1 to 4095");
            }
        }

        @Override
        public int returnValue() {
            return 0x00050000 | number;
        }
    }

    /** The launcher hears of the call and ends the guest; it never returns (SECCOMP_RET_USER_NOTIF). */
    record Violation() implements Action {
        @Override
        public int returnValue() {
            return 0x7fc00000;
        }
    }

    /** Kills the whole process, unnamed (SECCOMP_RET_KILL_PROCESS). */
    record Kill() implements Action {
        @Override
        public int returnValue() {
            return 0x80000000;
        }
    }

    /** Parses an OCI action. {@code errno} counts for SCMP_ACT_ERRNO only, where OCI's default is EPERM. */
    static Action parse(String text, int errno) {
        return switch (text.toUpperCase(Locale.ROOT)) {
            case "SCMP_ACT_ALLOW" -> ALLOW;
            case "SCMP_ACT_ERRNO" -> new Errno(errno);
            case "SCMP_ACT_NOTIFY" -> VIOLATION;
            case "SCMP_ACT_KILL_PROCESS" -> new Kill();
            default ->
                throw new IllegalArgumentException("action " + text + " is not one of SCMP_ACT_ALLOW,"
                        + " SCMP_ACT_ERRNO, SCMP_ACT_NOTIFY, SCMP_ACT_KILL_PROCESS");
        };
    }
}
