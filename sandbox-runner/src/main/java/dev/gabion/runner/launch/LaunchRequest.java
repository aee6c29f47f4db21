// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner.launch;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Builds the bytes of one request. The launcher checks everything again; this class only refuses what cannot be encoded. */
public final class LaunchRequest {
    private static final int MAGIC = 0x314c4247;
    private static final int VERSION = 1;
    private static final int MAX_LENGTH = 4 * 1024 * 1024;

    public static final long UNLIMITED = -1;

    private final ByteArrayOutputStream records = new ByteArrayOutputStream(16 * 1024);

    /** {@code RLIMIT_*} in Linux' generic numbering. */
    public enum Resource {
        CPU(0),
        FSIZE(1),
        DATA(2),
        STACK(3),
        CORE(4),
        NPROC(6),
        NOFILE(7),
        MEMLOCK(8),
        AS(9);

        private final int number;

        Resource(int number) {
            this.number = number;
        }
    }

    public LaunchRequest level(boolean pod) {
        return add(0x01, 0, little(4).putInt(pod ? 2 : 1));
    }

    public LaunchRequest flags(boolean landlock, boolean proc, boolean learn, boolean sockets) {
        int flags = (landlock ? 1 : 0) | (proc ? 2 : 0) | (learn ? 4 : 0) | (sockets ? 8 : 0);
        return add(0x02, 0, little(4).putInt(flags));
    }

    public LaunchRequest ids(int insideUid, int insideGid, int outsideUid, int outsideGid) {
        return add(
                0x03,
                0,
                little(16)
                        .putInt(insideUid)
                        .putInt(insideGid)
                        .putInt(outsideUid)
                        .putInt(outsideGid));
    }

    public LaunchRequest hostname(String name) {
        return add(0x04, 0, bytes(name));
    }

    public LaunchRequest argument(String argument) {
        return add(0x10, 0, bytes(argument));
    }

    public LaunchRequest environment(String name, String value) {
        return add(0x11, 0, bytes(name + "=" + value));
    }

    public LaunchRequest directory(String path) {
        return add(0x12, 0, bytes(path));
    }

    /** A read-only view of {@code source}; left out when the source does not exist and {@code optional}. */
    public LaunchRequest bind(String source, String target, boolean optional) {
        return add(0x20, optional ? 2 : 0, pair(source, target));
    }

    public LaunchRequest tmpfs(String target, long size, long inodes, int mode) {
        byte[] path = bytes(target);
        return add(
                0x21,
                0,
                little(20 + path.length)
                        .putLong(size)
                        .putLong(inodes)
                        .putInt(mode)
                        .put(path));
    }

    public LaunchRequest symlink(String text, String link) {
        return add(0x22, 0, pair(text, link));
    }

    public LaunchRequest file(String path, int mode, byte[] content) {
        byte[] name = bytes(path);
        return add(
                0x23,
                0,
                little(6 + name.length + content.length)
                        .putInt(mode)
                        .putShort((short) name.length)
                        .put(name)
                        .put(content));
    }

    public LaunchRequest limit(Resource resource, long value) {
        return limit(resource, value, value);
    }

    public LaunchRequest limit(Resource resource, long soft, long hard) {
        return add(0x30, 0, little(20).putInt(resource.number).putLong(soft).putLong(hard));
    }

    public LaunchRequest seccomp(byte[] program) {
        return add(0x40, 0, program);
    }

    public LaunchRequest collect(String pathOrGlob) {
        return add(0x50, 0, bytes(pathOrGlob));
    }

    /** The size alone: no content is sent, and the limits of what is collected are not touched. */
    public LaunchRequest collectSize(String pathOrGlob) {
        return add(0x50, 1, bytes(pathOrGlob));
    }

    public LaunchRequest collectLimits(long size, int files) {
        return add(0x51, 0, little(12).putLong(size).putInt(files));
    }

    /** {@code GBL_OFF_*}; only the test build takes them. */
    public LaunchRequest testSwitches(int switches) {
        return add(0xf0, 0, little(4).putInt(switches));
    }

    /**
     * Refuses what is longer than the launcher takes.
     *
     * @throws IllegalArgumentException with both lengths
     */
    public void checkLength() {
        int length = records.size() + 8;
        if (length > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "the request has " + length + " bytes; the launcher takes " + MAX_LENGTH);
        }
    }

    /** The whole request. */
    public byte[] encode() {
        checkLength();
        byte[] body = records.toByteArray();
        int length = body.length + 8;
        return little(12 + length)
                .putInt(MAGIC)
                .putShort((short) VERSION)
                .putShort((short) 0)
                .putInt(length)
                .put(body)
                .putShort((short) 0xff)
                .putShort((short) 0)
                .putInt(0)
                .array();
    }

    @SuppressWarnings("ByteBufferBackingArray") // made by little()
    private LaunchRequest add(int type, int flags, ByteBuffer payload) {
        return add(type, flags, payload.array());
    }

    private LaunchRequest add(int type, int flags, byte[] payload) {
        records.writeBytes(little(8)
                .putShort((short) type)
                .putShort((short) flags)
                .putInt(payload.length)
                .array());
        records.writeBytes(payload);
        return this;
    }

    private static ByteBuffer little(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static ByteBuffer pair(String first, String second) {
        byte[] one = bytes(first);
        byte[] two = bytes(second);
        return little(2 + one.length + two.length)
                .putShort((short) one.length)
                .put(one)
                .put(two);
    }

    private static byte[] bytes(String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a NUL character in \"" + text.replace("\0", "\\0") + "\"");
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
