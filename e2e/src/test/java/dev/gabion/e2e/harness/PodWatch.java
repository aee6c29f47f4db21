// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.e2e.harness;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Every pod that a namespace ever had since the watch began, gone ones too. */
public final class PodWatch implements AutoCloseable {
    private final Map<String, Set<String>> uids = new ConcurrentHashMap<>();
    private final Set<String> active = ConcurrentHashMap.newKeySet();
    private final AtomicInteger mostActive = new AtomicInteger();
    private final Watch watch;

    /** Begins. */
    public PodWatch(KubernetesClient client, String namespace) {
        watch = client.pods().inNamespace(namespace).watch(new Watcher<>() {
            @Override
            public void eventReceived(Action action, Pod pod) {
                see(action, pod);
            }

            @Override
            public void onClose(@Nullable WatcherException cause) {}
        });
    }

    private void see(Watcher.Action action, Pod pod) {
        String uid = pod.getMetadata().getUid();
        String job = pod.getMetadata().getLabels().getOrDefault("gabion.dev/job", "nobody");
        uids.computeIfAbsent(job, name -> ConcurrentHashMap.newKeySet()).add(uid);
        if (action == Watcher.Action.DELETED || hasEnded(pod)) {
            active.remove(uid);
        } else {
            active.add(uid);
        }
        mostActive.accumulateAndGet(active.size(), Math::max);
    }

    /**
     * A place is free again when the runner's container has ended. The pod's phase follows later: the kubelet keeps it at
     * Running until it has taken the pod's sandbox and volumes away.
     */
    private static boolean hasEnded(Pod pod) {
        String phase = pod.getStatus().getPhase();
        return phase.equals("Succeeded")
                || phase.equals("Failed")
                || pod.getStatus().getContainerStatuses().stream()
                        .anyMatch(container -> container.getName().equals("runner")
                                && container.getState().getTerminated() != null);
    }

    /** The jobs that had a pod; "nobody" for pods without one. */
    public Set<String> jobs() {
        return Set.copyOf(uids.keySet());
    }

    /** The uids of a job's pods. */
    public Set<String> of(String job) {
        return Set.copyOf(uids.getOrDefault(job, Set.of()));
    }

    /** The most runners that were there at once. */
    public int mostAtOnce() {
        return mostActive.get();
    }

    @Override
    public void close() {
        watch.close();
    }
}
