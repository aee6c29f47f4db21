// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.doctor;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Asks the kernel for Landlock, by the call itself. */
final class Landlock {
    /** landlock_create_ruleset, the same number on amd64 and arm64. */
    private static final long CREATE_RULESET = 444;

    /** LANDLOCK_CREATE_RULESET_VERSION, linux/landlock.h. */
    private static final int VERSION_FLAG = 1;

    /** The version of its interface; 0: there is none. */
    @SuppressWarnings("restricted") // one system call without a pointer
    static int abi() {
        Linker linker = Linker.nativeLinker();
        MethodHandle syscall = linker.downcallHandle(
                linker.defaultLookup().findOrThrow("syscall"),
                FunctionDescriptor.of(
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_INT),
                Linker.Option.firstVariadicArg(1));
        try {
            long version = (long) syscall.invokeExact(CREATE_RULESET, MemorySegment.NULL, 0L, VERSION_FLAG);
            return (int) Math.max(0, version);
        } catch (Throwable e) {
            throw new IllegalStateException("syscall(2) cannot be called", e);
        }
    }

    private Landlock() {}
}
