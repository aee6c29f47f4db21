// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner.launch;

import dev.gabion.runner.FileNames;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What the launcher tells. Units as in PROTOCOL.md. */
@SuppressWarnings("ArrayRecordComponent") // events are matched by type, never compared
public sealed interface LaunchEvent {

    record Hello(int version, int auditArch, int landlockAbi, boolean testBuild) implements LaunchEvent {}

    record Probe(ProbeState state, String name, String evidence) implements LaunchEvent {}

    /** The pids are the launcher's view, so this process's too. */
    record Ready(long initPid, long guestPid) implements LaunchEvent {}

    record Started(long monotonicNanos, long pid) implements LaunchEvent {}

    record Violation(int auditArch, int number, long[] arguments, long pid) implements LaunchEvent {}

    record Exit(
            Cause cause,
            boolean signalled,
            int code,
            long userMicros,
            long systemMicros,
            long perfNanos,
            long maxRssBytes,
            long blockReads,
            long blockWrites,
            long monotonicNanos,
            long reaped,
            long killed)
            implements LaunchEvent {
        /** {@link #perfNanos} where there is no such counter. */
        public static final long NO_PERF = -1;
    }

    record FileBegin(long size, int mode, FileStatus status, String path) implements LaunchEvent {}

    record FileData(byte[] bytes) implements LaunchEvent {}

    record FileEnd() implements LaunchEvent {}

    record Done() implements LaunchEvent {}

    record Failure(int errno, String stage, String message) implements LaunchEvent {}

    enum ProbeState {
        ABSENT,
        PRESENT,
        NOT_APPLICABLE,
        UNKNOWN
    }

    enum Cause {
        GUEST,
        KILL,
        VIOLATION
    }

    enum FileStatus {
        OK,
        TOO_LARGE,
        NOT_REGULAR,
        TOO_MANY,
        UNREADABLE,
        SIZE_ONLY
    }

    int HEADER_BYTES = 8;
    int MAX_PAYLOAD = 65_536;

    /**
     * Decodes one frame.
     *
     * @throws IllegalArgumentException for what no launcher of this version sends
     */
    static LaunchEvent decode(int type, int flags, byte[] payload) {
        ByteBuffer in = ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN);
        try {
            return switch (type) {
                case 0x0201 -> new Hello(in.getInt(), in.getInt(), in.getInt(), (flags & 1) != 0);
                case 0x0202 -> {
                    ProbeState state = pick(ProbeState.values(), in.get());
                    String name = text(in, in.get() & 0xff);
                    yield new Probe(state, name, text(in, in.remaining()));
                }
                case 0x0203 -> new Ready(unsigned(in), unsigned(in));
                case 0x0204 -> new Started(in.getLong(), unsigned(in));
                case 0x0205 -> {
                    int arch = in.getInt();
                    int number = in.getInt();
                    long[] arguments = new long[6];
                    for (int i = 0; i < arguments.length; i++) {
                        arguments[i] = in.getLong();
                    }
                    yield new Violation(arch, number, arguments, unsigned(in));
                }
                case 0x0206 ->
                    new Exit(
                            pick(Cause.values(), in.get()),
                            in.get() != 0,
                            in.getShort() & 0xffff,
                            in.getLong(),
                            in.getLong(),
                            in.getLong(),
                            in.getLong(),
                            in.getLong(),
                            in.getLong(),
                            in.getLong(),
                            unsigned(in),
                            unsigned(in));
                case 0x0207 -> {
                    long size = in.getLong();
                    int mode = in.getInt();
                    FileStatus status = pick(FileStatus.values(), in.get());
                    byte[] path = new byte[in.remaining()];
                    in.get(path);
                    yield new FileBegin(size, mode, status, FileNames.decode(path));
                }
                case 0x0208 -> new FileData(payload);
                case 0x0209 -> new FileEnd();
                case 0x020a -> new Done();
                case 0x020b -> {
                    int errno = in.getInt();
                    String stage = text(in, in.get() & 0xff);
                    yield new Failure(errno, stage, text(in, in.remaining()));
                }
                default ->
                    throw new IllegalArgumentException(
                            "unknown event 0x" + Integer.toHexString(type) + " from the launcher");
            };
        } catch (java.nio.BufferUnderflowException e) {
            throw new IllegalArgumentException("event 0x" + Integer.toHexString(type) + " is too short", e);
        }
    }

    private static long unsigned(ByteBuffer in) {
        return Integer.toUnsignedLong(in.getInt());
    }

    private static String text(ByteBuffer in, int length) {
        byte[] bytes = new byte[length];
        in.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static <T> T pick(T[] values, byte index) {
        if (index < 0 || index >= values.length) {
            throw new IllegalArgumentException("value " + index + " is none of " + Arrays.toString(values));
        }
        return values[index];
    }
}
