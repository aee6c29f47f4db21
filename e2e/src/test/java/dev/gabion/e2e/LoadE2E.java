// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.Verdict;
import dev.gabion.e2e.harness.Jobs;
import dev.gabion.e2e.harness.OnCluster;
import dev.gabion.e2e.harness.Scenario;
import dev.gabion.e2e.harness.TestCluster;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many jobs at once. E2E_JOBS says how many; 200 unless told. */
@Order(50)
@OnCluster
class LoadE2E {
    /** The chart's operator.maxRunningJobsPerNamespace. */
    private static final int MAX_RUNNING = 20;

    private static final int COUNT = Integer.parseInt(System.getenv().getOrDefault("E2E_JOBS", "200"));

    private final TestCluster cluster;
    private final Jobs jobs;

    LoadE2E(TestCluster cluster, Jobs jobs) {
        this.cluster = cluster;
        this.jobs = jobs;
    }

    @Scenario(
            name = "Many jobs applied at once: none is lost and none runs twice",
            steps = {
                "Apply E2E_JOBS jobs (200 unless told) in one kubectl apply, each printing a number of its own",
                "Watch every pod of the namespace until all jobs have ended"
            },
            expected = {
                "Each is OK by exactly one attempt that ran to a result, and printed its own number",
                "Each had one pod for each of its attempts; at most one job in fifty needed a second",
                "Never more runners at once than the concurrency limit of the namespace"
            })
    @Test
    @Timeout(1800)
    void nothingLostNothingTwice() throws Exception {
        Map<String, Set<String>> podsSeen = new ConcurrentHashMap<>();
        Set<String> active = ConcurrentHashMap.newKeySet();
        AtomicInteger mostActive = new AtomicInteger();
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < COUNT; i++) {
            all.append("---\napiVersion: gabion.dev/v1alpha1\nkind: SandboxJob\nmetadata: {name: load-%d}\nspec:\n"
                            .formatted(i))
                    .append(Jobs.python("print('number', " + i + ", 'of the load')")
                            .indent(2));
        }
        Path file = Files.createTempFile("gabion-load", ".yaml");
        Files.writeString(file, all);
        long begin = System.nanoTime();

        try (Watch watch = cluster.client().pods().inNamespace(jobs.namespace()).watch(new Watcher<>() {
            @Override
            public void eventReceived(Action action, Pod pod) {
                String job = pod.getMetadata().getLabels().getOrDefault("gabion.dev/job", "nobody");
                podsSeen.computeIfAbsent(job, name -> ConcurrentHashMap.newKeySet())
                        .add(pod.getMetadata().getUid());
                if (action == Action.DELETED || hasEnded(pod)) {
                    active.remove(pod.getMetadata().getUid());
                } else {
                    active.add(pod.getMetadata().getUid());
                }
                mostActive.accumulateAndGet(active.size(), Math::max);
            }

            @Override
            public void onClose(WatcherException cause) {}
        })) {
            cluster.kubectl("apply", "-n", jobs.namespace(), "-f", file.toString());
            await("all " + COUNT + " jobs have ended")
                    .atMost(Duration.ofSeconds(120 + 4L * COUNT))
                    .pollInterval(Duration.ofSeconds(3))
                    .until(() -> list().stream().filter(Jobs::hasEnded).count() == COUNT);
            assertThat(watch).isNotNull();
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        Files.delete(file);

        TreeMap<String, String> wrong = new TreeMap<>();
        Set<String> repeated = new TreeSet<>();
        for (SandboxJob job : list()) {
            String name = job.getMetadata().getName();
            String number = "number " + name.substring("load-".length()) + " of the load";
            if (job.getStatus().verdict() != Verdict.OK
                    || finishedAttempts(job) != 1
                    || podsSeen.getOrDefault(name, Set.of()).size()
                            != job.getStatus().attemptRecords().size()
                    || !Jobs.stdout(job.getStatus()).contains(number)) {
                wrong.put(name, String.valueOf(job.getStatus()));
            } else if (job.getStatus().attemptRecords().size() > 1) {
                repeated.add(name + " " + job.getStatus().attemptRecords());
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(new TreeSet<>(podsSeen.keySet())).hasSize(COUNT);
        repeated.forEach(job -> System.out.println("-- attempted again, its first pod did not run it: " + job));
        assertThat(repeated).as("jobs that the nodes failed once").hasSizeLessThanOrEqualTo(COUNT / 50);
        assertThat(mostActive.get()).isBetween(2, MAX_RUNNING);
        System.out.printf("-- %d jobs in %.0f s: %.2f jobs/s%n", COUNT, seconds, COUNT / seconds);
    }

    /** Attempts that ran the guest to a result. Any other is a failure of the node's, such as a runc that did not start. */
    private static long finishedAttempts(SandboxJob job) {
        return job.getStatus().attemptRecords().stream()
                .filter(attempt -> "Finished".equals(attempt.outcome()))
                .count();
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

    private List<SandboxJob> list() {
        return jobs.all().list().getItems();
    }
}
