// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.api.runner.Frame;
import dev.gabion.api.runner.FrameWriter;
import dev.gabion.api.runner.SandboxResult;
import dev.gabion.api.v1alpha1.Verdict;
import io.fabric8.kubernetes.api.model.BindingBuilder;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Plays scheduler, kubelet and runner: the API server of the tests has neither. */
final class FakeKubelet implements PodLogs {
    private final KubernetesClient admin;
    private final Map<String, byte[]> logs = new ConcurrentHashMap<>();

    FakeKubelet(KubernetesClient admin) {
        this.admin = admin;
    }

    /** The pod gets a node and its container starts. */
    void run(Pod pod) {
        bind(pod);
        startContainer(pod);
    }

    /** The container of a pod with a node starts. */
    void startContainer(Pod pod) {
        status(
                pod,
                "Running",
                new ContainerStateBuilder()
                        .withNewRunning(Instant.now().toString())
                        .build());
    }

    /** The pod gets a node. */
    void bind(Pod pod) {
        admin.bindings()
                .inNamespace(pod.getMetadata().getNamespace())
                .resource(new BindingBuilder()
                        .withNewMetadata()
                        .withName(pod.getMetadata().getName())
                        .endMetadata()
                        .withNewTarget()
                        .withKind("Node")
                        .withName("node-1")
                        .endTarget()
                        .build())
                .create();
    }

    /** The container cannot start. */
    void waiting(Pod pod, String reason, String message) {
        status(
                pod,
                "Pending",
                new ContainerStateBuilder().withNewWaiting(message, reason).build());
    }

    /** The runner ends with a result. */
    void finish(Pod pod, SandboxResult result) {
        logs.putIfAbsent(
                pod.getMetadata().getName(),
                log(new Frame.Tail("stdout", 0, bytes("hello\n")), new Frame.Result(result)));
        terminate(pod, 0, "Completed", new String(result.toTerminationMessage(), StandardCharsets.UTF_8));
    }

    /** The container ends. */
    void terminate(Pod pod, int exitCode, String reason, @Nullable String message) {
        status(
                pod,
                exitCode == 0 ? "Succeeded" : "Failed",
                new ContainerStateBuilder()
                        .withNewTerminated()
                        .withExitCode(exitCode)
                        .withReason(reason)
                        .withMessage(message)
                        .withFinishedAt(Instant.now().toString())
                        .endTerminated()
                        .build());
    }

    /** The node is done with a pod that is being deleted. */
    void confirmDeletion(Pod pod) {
        admin.pods()
                .inNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getName())
                .withGracePeriod(0)
                .delete();
    }

    /** A condition of the whole pod, such as a controller's DisruptionTarget. */
    void condition(Pod pod, String type, String reason) {
        admin.pods()
                .inNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getName())
                .editStatus(current -> new PodBuilder(current)
                        .editStatus()
                        .addToConditions(new PodConditionBuilder()
                                .withType(type)
                                .withStatus("True")
                                .withReason(reason)
                                .withLastTransitionTime(now())
                                .build())
                        .endStatus()
                        .build());
    }

    void setLog(Pod pod, Frame... frames) {
        logs.put(pod.getMetadata().getName(), log(frames));
    }

    private void status(Pod pod, String phase, ContainerState state) {
        admin.pods()
                .inNamespace(pod.getMetadata().getNamespace())
                .withName(pod.getMetadata().getName())
                .editStatus(current -> new PodBuilder(current)
                        .editOrNewStatus()
                        .withPhase(phase)
                        .withConditions(new PodConditionBuilder()
                                .withType("PodScheduled")
                                .withStatus("True")
                                .withLastTransitionTime(now())
                                .build())
                        .withContainerStatuses()
                        .addNewContainerStatus()
                        .withName("runner")
                        .withImage("runner")
                        .withImageID("")
                        .withReady(false)
                        .withRestartCount(0)
                        .withState(state)
                        .endContainerStatus()
                        .endStatus()
                        .build());
    }

    private static String now() {
        return Times.format(Instant.now());
    }

    private static byte[] log(Frame... frames) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        FrameWriter writer = new FrameWriter(bytes);
        try {
            writer.text("hello\n");
            for (Frame frame : frames) {
                writer.frame(frame);
            }
        } catch (IOException inMemory) {
            throw new UncheckedIOException(inMemory);
        }
        return bytes.toByteArray();
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public RunnerOutput read(String namespace, String pod) {
        byte[] log = logs.get(pod);
        if (log == null) {
            return RunnerOutput.unavailable("the pod's log was gone");
        }
        try {
            return RunnerOutputReader.read(new ByteArrayInputStream(log));
        } catch (IOException inMemory) {
            throw new UncheckedIOException(inMemory);
        }
    }

    static SandboxResult result(String uid, int attempt, Verdict verdict, @Nullable Integer exitCode) {
        return new SandboxResult(
                uid, attempt, verdict, List.of(), exitCode, null, List.of(), null, List.of(), null, List.of(), null,
                null, null);
    }
}
