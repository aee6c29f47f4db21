// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.cluster;

import dev.gabion.api.runner.Frame;
import dev.gabion.api.runner.FrameReader;
import dev.gabion.api.v1alpha1.Output;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.StreamOutput;
import dev.gabion.cli.ExitCode;
import dev.gabion.cli.UserError;
import dev.gabion.cli.run.OutputMode;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.LogWatch;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows what a job's guest wrote. */
@Command(
        name = "logs",
        description = {
            "Show what a job's guest wrote: from its pod while there is one, else what the job kept of it.",
            "What a terminal would obey is escaped; --raw writes the kept bytes as they were."
        })
public final class LogsCommand implements Callable<Integer> {
    private static final String CONTAINER = "runner";

    @Parameters(paramLabel = "JOB", description = "The job.")
    private String name = "";

    @Option(
            names = {"-f", "--follow"},
            description = "Go on until the job has ended.")
    private boolean follow;

    @Option(
            names = "--raw",
            description =
                    "The kept last bytes of the stream, as the guest wrote them (up to 16 KiB), once the job has ended.")
    private boolean raw;

    @Option(names = "--stderr", description = "With --raw: of standard error instead of standard output.")
    private boolean stderr;

    @ArgGroup(exclusive = false, validate = false, heading = "%nCluster:%n")
    private ClusterOptions access = new ClusterOptions();

    @Override
    public Integer call() {
        return access.call(client -> {
            SandboxJob job = ResultStore.job(client, name);
            if (raw) {
                rawTail(client, job);
            } else {
                text(client, job);
            }
            System.out.flush();
            return ExitCode.OK;
        });
    }

    private void rawTail(KubernetesClient client, SandboxJob job) {
        byte[] bytes = ResultStore.read(client, job, stderr ? ResultStore.STDERR : ResultStore.STDOUT)
                .or(() -> fromFrames(client, job))
                .orElseThrow(() -> new UserError(
                        JobView.ended(job)
                                ? "nothing was kept of the job '" + name + "'" + why(job)
                                : "the job '" + name + "' has not ended; its bytes are kept when it has",
                        ExitCode.FINDING));
        System.out.write(bytes, 0, bytes.length);
    }

    private Optional<byte[]> fromFrames(KubernetesClient client, SandboxJob job) {
        Pod pod = pod(client, job);
        if (pod == null) {
            return Optional.empty();
        }
        ByteArrayOutputStream tail = new ByteArrayOutputStream();
        boolean[] found = {false};
        String wanted = stderr ? "stderr" : "stdout";
        byte[] log = log(client, pod).getBytes(StandardCharsets.UTF_8);
        read(
                new ByteArrayInputStream(log),
                frame -> {
                    if (frame instanceof Frame.Tail part && part.stream().equals(wanted)) {
                        found[0] = true;
                        tail.writeBytes(part.data());
                    }
                },
                FrameReader.TextConsumer.none());
        return found[0] ? Optional.of(tail.toByteArray()) : Optional.empty();
    }

    private void text(KubernetesClient client, SandboxJob job) {
        Pod pod = pod(client, job);
        if (pod == null && follow && !JobView.ended(job)) {
            pod = awaitPod(client);
        }
        if (pod == null) {
            kept(job);
        } else if (follow) {
            try (LogWatch watch =
                    client.pods().resource(pod).inContainer(CONTAINER).watchLog()) {
                show(watch.getOutput());
            }
        } else {
            show(new ByteArrayInputStream(log(client, pod).getBytes(StandardCharsets.UTF_8)));
        }
    }

    private static String log(KubernetesClient client, Pod pod) {
        String log = client.pods().resource(pod).inContainer(CONTAINER).getLog();
        return log == null ? "" : log;
    }

    private static void show(InputStream log) {
        read(log, frame -> {}, (bytes, offset, length) -> {
            System.out.write(bytes, offset, length);
            System.out.flush();
        });
    }

    private static void read(
            InputStream log, java.util.function.Consumer<Frame> frames, FrameReader.TextConsumer text) {
        try {
            new FrameReader(frames, text).readAll(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The pod of the job's latest attempt, once its container has something to tell; null where it is gone. */
    private static @Nullable Pod pod(KubernetesClient client, SandboxJob job) {
        String podName = JobView.status(job).podName();
        if (podName == null) {
            return null;
        }
        Pod pod = client.pods()
                .inNamespace(job.getMetadata().getNamespace())
                .withName(podName)
                .get();
        boolean begun = pod != null
                && pod.getStatus() != null
                && pod.getStatus().getContainerStatuses().stream()
                        .anyMatch(container -> container.getState() != null
                                && (container.getState().getRunning() != null
                                        || container.getState().getTerminated() != null));
        return begun ? pod : null;
    }

    private @Nullable Pod awaitPod(KubernetesClient client) {
        AtomicReference<@Nullable Pod> found = new AtomicReference<>();
        client.resources(SandboxJob.class)
                .inNamespace(client.getNamespace())
                .withName(name)
                .waitUntilCondition(
                        job -> {
                            if (job == null || JobView.ended(job)) {
                                return true;
                            }
                            found.set(pod(client, job));
                            return found.get() != null;
                        },
                        1,
                        TimeUnit.DAYS);
        return found.get();
    }

    /** Prints what the status kept: it is escaped already. */
    private static void kept(SandboxJob job) {
        Output output = JobView.status(job).output();
        if (output == null) {
            throw new UserError(
                    JobView.ended(job)
                            ? "nothing was kept of the job" + why(job)
                            : "the job has not begun; gabion logs --follow waits for it",
                    ExitCode.FINDING);
        }
        print(System.out, output.stdout());
        System.out.flush();
        print(System.err, output.stderr());
    }

    private static void print(PrintStream out, @Nullable StreamOutput stream) {
        if (stream == null || stream.tail() == null) {
            return;
        }
        byte[] bytes = stream.tail().getBytes(StandardCharsets.UTF_8);
        if (stream.bytes() != null && stream.bytes() > bytes.length) {
            System.err.println("gabion: the last " + bytes.length + " of " + stream.bytes() + " bytes");
        }
        OutputMode.writeText(out, stream.tail());
    }

    private static String why(SandboxJob job) {
        Output output = JobView.status(job).output();
        return output == null || output.message() == null ? "" : ": " + output.message();
    }
}
