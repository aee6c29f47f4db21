// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gabion.api.runner.SandboxResult;
import dev.gabion.api.testing.LocalApiServer;
import dev.gabion.api.testing.LocalApiServerExtension;
import dev.gabion.api.v1alpha1.AttemptRecord;
import dev.gabion.api.v1alpha1.ConditionTypes;
import dev.gabion.api.v1alpha1.Control;
import dev.gabion.api.v1alpha1.ControlName;
import dev.gabion.api.v1alpha1.ControlState;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobSpec;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.SandboxRuntime;
import dev.gabion.api.v1alpha1.SandboxRuntimeSpec;
import dev.gabion.api.v1alpha1.Source;
import dev.gabion.api.v1alpha1.SourceFile;
import dev.gabion.api.v1alpha1.Usage;
import dev.gabion.api.v1alpha1.Verdict;
import dev.gabion.operator.Failpoints;
import dev.gabion.operator.OperatorProcess;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watch;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.WatcherException;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Jobs of the packaged operator, a process of its own: it dies at every failpoint, and tells what it does. */
@ExtendWith(LocalApiServerExtension.class)
class SandboxJobProcessIT {
    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static final String RUNTIME = "process";
    private static final int KILLED = 137;

    /** In an order in which jobs can meet them, each in another process. */
    private static final List<String> DEATHS = List.of(
            Failpoints.ATTEMPT_ANNOUNCED,
            Failpoints.PLAN_WRITTEN,
            Failpoints.POD_CREATED,
            Failpoints.ATTEMPT_FAILED_WRITTEN,
            Failpoints.POD_DELETED,
            Failpoints.STOP_ANNOUNCED,
            Failpoints.RESULT_STORED,
            Failpoints.VERDICT_WRITTEN);

    private LocalApiServer server;
    private KubernetesClient admin;
    private FakeKubelet kubelet;
    private String namespace;

    @BeforeEach
    void cluster(LocalApiServer server) {
        this.server = server;
        admin = server.adminClient();
        kubelet = new FakeKubelet(admin);
        namespace = "process-" + NUMBERS.incrementAndGet();
        admin.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .endMetadata()
                        .build())
                .create();
        SandboxRuntime runtime = new SandboxRuntime();
        runtime.setMetadata(new ObjectMetaBuilder().withName(RUNTIME).build());
        runtime.setSpec(SandboxRuntimeSpec.builder()
                .image("runner")
                .fileName("main.py")
                .command(List.of("/usr/bin/python3", "{file}"))
                .build());
        admin.resource(runtime).serverSideApply();
    }

    @AfterEach
    void stop() {
        admin.close();
    }

    @Test
    void everyJobHasOneResultThoughTheOperatorDiesAtEveryFailpoint() throws Exception {
        assertThat(DEATHS).containsExactlyInAnyOrderElementsOf(Failpoints.ALL);
        long before = System.nanoTime();

        // Given three jobs whose first attempt fails, and one that will be cancelled while it runs
        List<SandboxJob> retried =
                IntStream.range(0, 3).mapToObj(i -> create("retried-" + i)).toList();
        SandboxJob cancelled = create("cancelled");
        Results results = new Results();
        try (Watch _ = admin.resources(SandboxJob.class).inNamespace(namespace).watch(results);
                Player player = new Player(cancelled)) {

            // When
            for (String death : DEATHS) {
                try (OperatorProcess operator = start(Map.of("GABION_FAILPOINTS", death + "=halt"))) {
                    if (death.equals(Failpoints.STOP_ANNOUNCED)) {
                        player.awaitRunning(cancelled);
                        change(cancelled, spec -> spec.cancel(true));
                    }
                    if (death.equals(Failpoints.RESULT_STORED)) {
                        player.letSecondAttemptsEnd();
                    }
                    assertThat(operator.exitCode()).as(death).isEqualTo(KILLED);
                }
            }

            // Then the last one finishes what is left
            try (OperatorProcess _ = start(Map.of())) {
                for (SandboxJob job : retried) {
                    SandboxJobStatus status = awaitVerdict(job);
                    assertThat(status.verdict()).isEqualTo(Verdict.OK);
                    assertThat(status.attemptRecords())
                            .extracting(AttemptRecord::outcome)
                            .containsExactly(Reasons.RUNNER_KILLED, Reasons.FINISHED);
                }
                assertThat(awaitVerdict(cancelled).verdict()).isEqualTo(Verdict.Cancelled);
                await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(pods())
                        .allSatisfy(pod ->
                                assertThat(pod.getMetadata().getFinalizers()).isEmpty()));
            }
            assertThat(results.perJob)
                    .hasSize(4)
                    .allSatisfy((job, ends) -> assertThat(ends).as(job).hasSize(1));
            assertThat(player.uids).hasSize(3 * 2 + 1).allSatisfy((pod, uids) -> assertThat(uids)
                    .as("pod %s was made once", pod)
                    .hasSize(1));
        }
        System.out.printf(
                "%d deaths and %d starts in %.1f s%n",
                DEATHS.size(), DEATHS.size() + 1, (System.nanoTime() - before) / 1e9);
    }

    @Test
    void tellsWhatItDoesByMetricsEventsAndLog() throws Exception {
        // Given
        try (OperatorProcess operator = start(Map.of()).ready()) {

            // When
            SandboxJob fine = create("fine");
            SandboxJob doomed = create("doomed", spec -> spec.maxAttempts(1));
            SandboxJob lost = create("lost", spec -> spec.runtime("invented-by-a-user"));
            Pod pod = awaitPod(fine);
            kubelet.run(pod);
            awaitReason(fine, Reasons.RUNNING);
            kubelet.finish(pod, detailed(fine));
            kubelet.run(awaitPod(doomed));
            kubelet.terminate(awaitPod(doomed), KILLED, "Error", null);
            awaitStatus(lost, status -> Conditions.reason(status, ConditionTypes.STARTED)
                    .equals(Reasons.RUNTIME_NOT_FOUND));
            change(lost, spec -> spec.cancel(true));
            Stream.of(fine, doomed, lost).forEach(this::awaitVerdict);

            // Then
            await().untilAsserted(() -> assertMetrics(operator.get("/q/metrics").body()));
            await().untilAsserted(this::assertEvents);
            await().untilAsserted(() -> assertLog(operator.log()));
        }
    }

    private static void assertMetrics(String scraped) throws IOException {
        Map<String, Set<String>> documented = documentedMetrics();
        assertThat(documented).hasSize(6);
        assertThat(scrapedMetrics(scraped)).isEqualTo(documented);
        assertThat(scraped)
                .contains(
                        "gabion_jobs_finished_total{runtime=\"process\",verdict=\"OK\"} 1.0",
                        "gabion_jobs_finished_total{runtime=\"process\",verdict=\"InternalError\"} 1.0",
                        "gabion_jobs_finished_total{runtime=\"none\",verdict=\"Cancelled\"} 1.0",
                        "gabion_attempts_failed_total{reason=\"RunnerKilled\"} 1.0",
                        "gabion_controls_absent_total{control=\"Landlock\"} 1.0",
                        "gabion_controls_absent_total{control=\"NetworkPolicy\"} 1.0",
                        "gabion_job_queue_wait_seconds_count 2",
                        "gabion_pod_start_seconds_bucket{le=\"+Inf\"}",
                        "gabion_job_run_seconds_count{runtime=\"process\"} 1",
                        "gabion_job_run_seconds_sum{runtime=\"process\"} 1.234")
                .doesNotContain("invented-by-a-user");
        assertThat(values(scraped, "verdict"))
                .isSubsetOf(Arrays.stream(Verdict.values()).map(Enum::name).toList());
        assertThat(values(scraped, "control"))
                .isSubsetOf(Arrays.stream(ControlName.values()).map(Enum::name).toList());
    }

    private void assertEvents() {
        Map<String, List<String>> said = admin.v1().events().inNamespace(namespace).list().getItems().stream()
                .collect(Collectors.groupingBy(
                        event -> event.getInvolvedObject().getName(),
                        Collectors.mapping(SandboxJobProcessIT::line, Collectors.toList())));
        assertThat(said.get("fine")).containsExactly("Normal OK");
        assertThat(said.get("doomed")).containsExactlyInAnyOrder("Warning Retrying", "Warning AttemptsExhausted");
        assertThat(said.get("lost")).containsExactlyInAnyOrder("Warning RuntimeNotFound", "Normal Cancelled");
    }

    private static String line(Event event) {
        return event.getType() + " " + event.getReason();
    }

    private void assertLog(String log) throws IOException {
        ObjectMapper mapper = new ObjectMapper();
        List<JsonNode> ends = new ArrayList<>();
        for (String line : log.lines().filter(line -> line.startsWith("{")).toList()) {
            JsonNode entry = mapper.readTree(line);
            if (entry.path("message").asText().startsWith("job ended: ")) {
                ends.add(entry);
            }
        }
        assertThat(ends).hasSize(3).allSatisfy(end -> {
            assertThat(end.path("level").asText()).isEqualTo("INFO");
            assertThat(end.path("mdc").path("namespace").asText()).isEqualTo(namespace);
        });
        JsonNode fine = ends.stream()
                .map(end -> end.path("mdc"))
                .filter(keys -> keys.path("job").asText().equals("fine"))
                .findFirst()
                .orElseThrow();
        assertThat(fine.path("verdict").asText()).isEqualTo("OK");
        assertThat(fine.path("runtime").asText()).isEqualTo(RUNTIME);
        assertThat(fine.path("attempts").asText()).isEqualTo("1");
        assertThat(fine.path("durationSeconds").asText()).matches("\\d+");
        assertThat(fine.path("wallTimeMilliseconds").asText()).isEqualTo("1234");
    }

    /** Names and label keys of the page's line on metrics; a histogram's as Prometheus names its count. */
    private static Map<String, Set<String>> documentedMetrics() throws IOException {
        String page = Files.readString(LocalApiServer.sourceRoot().resolve("docs/controller-flow/sandboxjob.md"));
        String part = page.substring(page.indexOf("- **Metrics**"), page.indexOf("- **Logs**"));
        return matches("(gabion_[a-z_]+)(?:\\{([a-z,]+)\\})?", part)
                .collect(Collectors.toMap(match -> match.group(1), match -> keys(match.group(2))));
    }

    private static Set<String> keys(@Nullable String list) {
        return list == null ? Set.of() : Set.of(list.split(","));
    }

    private static Map<String, Set<String>> scrapedMetrics(String text) {
        return matches("(?m)^(gabion_[a-z_]+?)(?:_bucket|_count|_sum|_max)?(?:\\{(.*)\\})? ", text)
                .collect(Collectors.toMap(
                        match -> match.group(1),
                        match -> match.group(2) == null
                                ? Set.of()
                                : matches("([a-z]+)=\"", match.group(2))
                                        .map(key -> key.group(1))
                                        .filter(key -> !key.equals("le"))
                                        .collect(Collectors.toSet()),
                        (one, other) -> {
                            assertThat(one).isEqualTo(other);
                            return one;
                        }));
    }

    private static Set<String> values(String text, String key) {
        return matches("(?m)^gabion_.*[{,]" + key + "=\"([^\"]*)\"", text)
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Stream<MatchResult> matches(String pattern, String text) {
        return Pattern.compile(pattern).matcher(text).results();
    }

    private static SandboxResult detailed(SandboxJob job) {
        return new SandboxResult(
                job.getMetadata().getUid(),
                1,
                Verdict.OK,
                List.of(),
                0,
                null,
                List.of(),
                Usage.builder().wallTimeMilliseconds(1234L).build(),
                List.of(
                        new Control(ControlName.Landlock, ControlState.Absent, null),
                        new Control(ControlName.NetworkPolicy, ControlState.NotEnforced, null),
                        new Control(ControlName.Seccomp, ControlState.Present, null)),
                null,
                List.of(),
                null,
                null,
                null);
    }

    private OperatorProcess start(Map<String, String> settings) {
        return OperatorProcess.start(server.kubeconfig(), namespace, settings);
    }

    private SandboxJob create(String name) {
        return create(name, UnaryOperator.identity());
    }

    private SandboxJob create(String name, UnaryOperator<SandboxJobSpec.Builder> change) {
        SandboxJob job = new SandboxJob();
        job.setMetadata(
                new ObjectMetaBuilder().withName(name).withNamespace(namespace).build());
        job.setSpec(change.apply(SandboxJobSpec.builder()
                        .runtime(RUNTIME)
                        .source(Source.inline(SourceFile.text("main.py", "print('hello')"))))
                .build());
        return admin.resource(job).create();
    }

    private void change(SandboxJob job, UnaryOperator<SandboxJobSpec.Builder> change) {
        // By name: a resource that is handed over would be held to the version it had when it was made.
        admin.resources(SandboxJob.class)
                .inNamespace(namespace)
                .withName(job.getMetadata().getName())
                .edit(current -> {
                    current.setSpec(change.apply(current.getSpec().toBuilder()).build());
                    return current;
                });
    }

    private List<Pod> pods() {
        return admin.pods().inNamespace(namespace).list().getItems();
    }

    private Pod awaitPod(SandboxJob job) {
        return await("pod of " + job.getMetadata().getName())
                .atMost(Duration.ofSeconds(30))
                .until(
                        () -> pods().stream()
                                .filter(pod -> pod.hasOwnerReferenceFor(job))
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }

    private SandboxJobStatus awaitVerdict(SandboxJob job) {
        return awaitStatus(job, status -> status.verdict() != null);
    }

    private void awaitReason(SandboxJob job, String reason) {
        awaitStatus(job, status -> Conditions.reason(status, ConditionTypes.COMPLETE)
                .equals(reason));
    }

    private SandboxJobStatus awaitStatus(SandboxJob job, Predicate<SandboxJobStatus> wanted) {
        return await("status of " + job.getMetadata().getName())
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> Observation.statusOf(admin.resource(job).get()), wanted);
    }

    /** Every end that the API server ever said of a job. */
    private static final class Results implements Watcher<SandboxJob> {
        final Map<String, Set<String>> perJob = new ConcurrentHashMap<>();

        @Override
        public void eventReceived(Action action, SandboxJob job) {
            SandboxJobStatus status = Observation.statusOf(job);
            if (Conditions.isFinished(status)) {
                perJob.computeIfAbsent(job.getMetadata().getName(), _ -> ConcurrentHashMap.newKeySet())
                        .add(status.verdict() + " " + status.completionTime() + " " + status.attempts());
            }
        }

        @Override
        public void onClose(WatcherException cause) {
            throw new AssertionError("the watch ended", cause);
        }
    }

    /** Plays the kubelet for whatever pods come: first attempts die, second ones bring a result once they may. */
    private final class Player implements AutoCloseable {
        /** Of each name of a pod, every pod there ever was. */
        final Map<String, Set<String>> uids = new ConcurrentHashMap<>();

        private final SandboxJob cancelled;
        private final Thread thread;
        private volatile boolean endsSecondAttempts;
        private volatile boolean closed;

        Player(SandboxJob cancelled) {
            this.cancelled = cancelled;
            this.thread = Thread.ofPlatform().daemon().name("kubelet").start(this::play);
        }

        void letSecondAttemptsEnd() {
            endsSecondAttempts = true;
        }

        void awaitRunning(SandboxJob job) {
            await("running pod of " + job.getMetadata().getName())
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> pods().stream()
                            .filter(pod -> pod.hasOwnerReferenceFor(job))
                            .anyMatch(pod -> PodFacts.of(pod).container() instanceof PodFacts.Container.Running));
        }

        private void play() {
            while (!closed) {
                for (Pod pod : pods()) {
                    try {
                        play(pod);
                    } catch (KubernetesClientException changed) {
                        // The operator was faster: what was listed is old.
                        break;
                    }
                }
                LockSupport.parkNanos(Duration.ofMillis(30).toNanos());
            }
        }

        private void play(Pod pod) {
            PodFacts facts = PodFacts.of(pod);
            uids.computeIfAbsent(facts.name(), _ -> ConcurrentHashMap.newKeySet())
                    .add(facts.uid());
            switch (facts.container()) {
                case PodFacts.Container.Running _ -> playRunning(pod, facts);
                case PodFacts.Container.Terminated _ -> {
                    if (facts.deleting() && !facts.deletionFinal()) {
                        kubelet.confirmDeletion(pod);
                    }
                }
                default -> {
                    if (facts.node() == null && !facts.deleting()) {
                        kubelet.bind(pod);
                    } else if (!facts.deletionFinal()) {
                        kubelet.startContainer(pod);
                    }
                }
            }
        }

        private void playRunning(Pod pod, PodFacts facts) {
            boolean second = facts.attempt() == 2;
            if (facts.deleting()) {
                kubelet.finish(pod, result(pod, facts, Verdict.Cancelled, null));
            } else if (second && endsSecondAttempts) {
                kubelet.finish(pod, result(pod, facts, Verdict.OK, 0));
            } else if (!second && !pod.hasOwnerReferenceFor(cancelled)) {
                kubelet.terminate(pod, KILLED, "Error", null);
            }
        }

        private static SandboxResult result(Pod pod, PodFacts facts, Verdict verdict, @Nullable Integer exitCode) {
            return FakeKubelet.result(
                    pod.getMetadata().getOwnerReferences().getFirst().getUid(), facts.attempt(), verdict, exitCode);
        }

        @Override
        public void close() {
            closed = true;
            try {
                thread.join();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
