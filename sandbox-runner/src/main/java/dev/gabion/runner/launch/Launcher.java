// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner.launch;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One started launcher. Its streams are the guest's own; closing it ends the guest, whatever it was doing.
 */
public final class Launcher implements Closeable {
    private final Process process;
    private final SocketChannel socket;
    private final ByteBuffer header =
            ByteBuffer.allocate(LaunchEvent.HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);

    private Launcher(Process process, SocketChannel socket) {
        this.process = process;
        this.socket = socket;
    }

    /**
     * Starts the program and waits until it has connected.
     *
     * @param program gabion-launch
     * @param socketDirectory an existing directory that only this user may enter, its path at most 80 bytes long
     * @throws IOException naming what the launcher wrote when it ended at once
     */
    public static Launcher start(Path program, Path socketDirectory, Duration timeout) throws IOException {
        Path path = socketDirectory.resolve("launcher.sock");
        try (ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listener.bind(UnixDomainSocketAddress.of(path), 1);
            ProcessBuilder builder = new ProcessBuilder(program.toString(), "--socket", path.toString());
            builder.environment().clear();
            Process process = builder.start();
            try {
                return new Launcher(process, accept(listener, process, timeout));
            } catch (IOException e) {
                process.destroyForcibly();
                throw e;
            }
        } finally {
            Files.deleteIfExists(path);
        }
    }

    private static SocketChannel accept(ServerSocketChannel listener, Process process, Duration timeout)
            throws IOException {
        long deadline = System.nanoTime() + timeout.toNanos();
        listener.configureBlocking(false);
        try (Selector selector = Selector.open()) {
            listener.register(selector, SelectionKey.OP_ACCEPT);
            while (true) {
                selector.select(20);
                SocketChannel accepted = listener.accept();
                if (accepted != null) {
                    return accepted;
                }
                if (!process.isAlive()) {
                    throw new IOException("the launcher ended with code " + process.exitValue() + " at once: "
                            + said(process.getErrorStream()));
                }
                if (System.nanoTime() > deadline) {
                    throw new IOException("the launcher did not connect within " + timeout.toMillis() + " ms");
                }
            }
        }
    }

    private static String said(InputStream stderr) throws IOException {
        return new String(stderr.readNBytes(512), StandardCharsets.UTF_8).strip();
    }

    public long pid() {
        return process.pid();
    }

    public OutputStream guestStdin() {
        return process.getOutputStream();
    }

    public InputStream guestStdout() {
        return process.getInputStream();
    }

    public InputStream guestStderr() {
        return process.getErrorStream();
    }

    public void send(LaunchRequest request) throws IOException {
        write(ByteBuffer.wrap(request.encode()));
    }

    /** Runs the guest. */
    public void go() throws IOException {
        command(0x0100, 0);
    }

    /** Ends the guest. A launcher that has ended already has nothing to end: its last events tell how it went. */
    public void kill(boolean collectFiles) {
        try {
            command(0x0101, collectFiles ? 0 : 1);
        } catch (IOException e) {
            // Broken pipe: the guest's end and this command crossed. What the launcher said before is still to be read.
        }
    }

    private void command(int type, int flags) throws IOException {
        write(ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putShort((short) type)
                .putShort((short) flags)
                .putInt(0)
                .flip());
    }

    private synchronized void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            socket.write(bytes);
        }
    }

    /**
     * The next event; null at the end of the stream. For one reader thread.
     *
     * @throws IllegalArgumentException for a frame that is none
     */
    public @Nullable LaunchEvent next() throws IOException {
        header.clear();
        if (!fill(header, true)) {
            return null;
        }
        header.flip();
        int type = header.getShort() & 0xffff;
        int flags = header.getShort() & 0xffff;
        int length = header.getInt();
        if (length < 0 || length > LaunchEvent.MAX_PAYLOAD) {
            throw new IllegalArgumentException("a frame of " + length + " bytes from the launcher");
        }
        ByteBuffer payload = ByteBuffer.allocate(length);
        fill(payload, false);
        return LaunchEvent.decode(type, flags, payload.array());
    }

    private boolean fill(ByteBuffer buffer, boolean mayEnd) throws IOException {
        while (buffer.hasRemaining()) {
            if (socket.read(buffer) < 0) {
                if (mayEnd && buffer.position() == 0) {
                    return false;
                }
                throw new EOFException("the launcher ended in the middle of a frame");
            }
        }
        return true;
    }

    /** Waits for the launcher's own end; kills it when it takes longer. */
    public int waitFor(Duration timeout) throws InterruptedException {
        if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly();
        }
        return process.waitFor();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // The launcher sees its end all the same when this process drops the descriptor.
        }
        process.destroyForcibly();
    }
}
