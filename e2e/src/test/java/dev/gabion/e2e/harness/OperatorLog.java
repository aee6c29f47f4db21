// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.e2e.harness;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.LogWatch;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Follows the log of every replica of the operator from its start into a file, so that the log of a replica that a scenario
 * kills is kept. A line at level ERROR or FATAL is unexpected, always: there is no list of exemptions.
 */
public final class OperatorLog implements AutoCloseable {
    private static final Pattern ERROR = Pattern.compile(
            "\"level\"\\s*:\\s*\"(ERROR|FATAL|SEVERE)\"|^\\S+( \\S+)? +(ERROR|FATAL|SEVERE)\\b|^Exception in thread");

    private final KubernetesClient client;
    private final Path folder;
    private final Map<String, LogWatch> followed = new ConcurrentHashMap<>();
    private final SharedIndexInformer<Pod> pods;

    /** Starts to follow, with a client that is closed at the end. */
    public OperatorLog(KubernetesClient client, Path folder) {
        this.client = client;
        this.folder = folder;
        try {
            Files.createDirectories(folder);
            try (Stream<Path> old = Files.list(folder)) {
                for (Path file : old.toList()) {
                    Files.delete(file);
                }
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        pods = client.pods()
                .inNamespace(TestCluster.SYSTEM)
                .withLabel("app.kubernetes.io/component", "operator")
                .inform(new ResourceEventHandler<>() {
                    @Override
                    public void onAdd(Pod pod) {
                        follow(pod);
                    }

                    @Override
                    public void onUpdate(Pod before, Pod pod) {
                        follow(pod);
                    }

                    @Override
                    public void onDelete(Pod pod, boolean unknown) {}
                });
    }

    private void follow(Pod pod) {
        for (ContainerStatus container : pod.getStatus().getContainerStatuses()) {
            if (container.getState().getRunning() == null) {
                continue;
            }
            String name = pod.getMetadata().getName() + "-" + container.getRestartCount() + ".log";
            followed.computeIfAbsent(name, file -> open(pod, file));
        }
    }

    private LogWatch open(Pod pod, String file) {
        try {
            OutputStream out = Files.newOutputStream(folder.resolve(file));
            return client.pods()
                    .inNamespace(TestCluster.SYSTEM)
                    .withName(pod.getMetadata().getName())
                    .inContainer("operator")
                    .watchLog(out);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** How far each file has come: what is written after this mark is the next scenarios'. */
    public Map<Path, Integer> mark() {
        Map<Path, Integer> marks = new ConcurrentHashMap<>();
        for (Path file : files()) {
            marks.put(file, lines(file).size());
        }
        return marks;
    }

    /** The lines since the mark that tell of an error, each with its file. */
    public List<String> errorsSince(Map<Path, Integer> mark) {
        List<String> errors = new ArrayList<>();
        for (Path file : files()) {
            List<String> lines = lines(file);
            for (String line : lines.subList(Math.min(mark.getOrDefault(file, 0), lines.size()), lines.size())) {
                if (ERROR.matcher(line).find()) {
                    errors.add(file.getFileName() + ": " + line);
                }
            }
        }
        return errors;
    }

    /** The last lines of every replica that still runs or ever ran. */
    public String tail(int count) {
        StringBuilder all = new StringBuilder();
        for (Path file : files()) {
            List<String> lines = lines(file);
            all.append("--- ").append(file.getFileName()).append('\n');
            for (String line : lines.subList(Math.max(0, lines.size() - count), lines.size())) {
                all.append(line, 0, Math.min(line.length(), 600)).append('\n');
            }
        }
        return all.toString();
    }

    private List<Path> files() {
        try (Stream<Path> all = Files.list(folder)) {
            return all.sorted().toList();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static List<String> lines(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Override
    public void close() {
        pods.close();
        followed.values().forEach(LogWatch::close);
        client.close();
    }
}
