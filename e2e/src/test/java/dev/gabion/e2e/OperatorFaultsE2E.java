// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.gabion.api.v1alpha1.AttemptRecord;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.Verdict;
import dev.gabion.e2e.harness.ArmedOperators;
import dev.gabion.e2e.harness.JobYaml;
import dev.gabion.e2e.harness.Jobs;
import dev.gabion.e2e.harness.OnCluster;
import dev.gabion.e2e.harness.PodWatch;
import dev.gabion.e2e.harness.Scenario;
import dev.gabion.e2e.harness.TestCluster;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Operators that die under jobs. */
@Order(44)
@OnCluster
class OperatorFaultsE2E {
    private final TestCluster cluster;
    private final Jobs jobs;

    OperatorFaultsE2E(TestCluster cluster, Jobs jobs) {
        this.cluster = cluster;
        this.jobs = jobs;
    }

    @Scenario(
            name = "The operator's leader killed under running jobs loses none and starts none twice",
            steps = {
                "Apply eight jobs that sleep for six seconds",
                "When the first runs, delete the leading replica's pod without grace"
            },
            expected = {"All eight are OK with one attempt each", "Another replica holds the lease"})
    @Test
    @Order(1)
    void leaderKilled() {
        List<String> names = IntStream.range(0, 8).mapToObj(i -> "orphan-" + i).toList();
        names.forEach(name -> jobs.apply(name, Jobs.SURVIVOR));
        jobs.awaitRunningPod("orphan-0");
        String leader = cluster.leader();

        cluster.kubectl(
                "delete", "pod", leader, "-n", TestCluster.SYSTEM, "--grace-period=0", "--force", "--wait=false");

        for (String name : names) {
            assertThat(Jobs.assertVerdict(jobs.awaitEnd(name), Verdict.OK).attempts())
                    .isEqualTo(1);
        }
        assertThat(cluster.leader()).isNotEqualTo(leader);
        cluster.kubectl("rollout", "status", "deployment/gabion-operator", "-n", TestCluster.SYSTEM, "--timeout=120s");
    }

    @Scenario(
            name = "Jobs outlive seven operators, each of which dies at a failpoint of its own",
            steps = {
                "Scale the operator to nothing, and start in its place one pod of the same image and rights, told to die at the"
                        + " failpoint attempt-announced",
                "Apply four jobs; when the operator has died there, start the next, for plan-written, then pod-created,"
                        + " result-stored, verdict-written",
                "For attempt-failed-written and pod-deleted: apply one more job and delete its pod while it runs",
                "Scale the operator back to what it was"
            },
            expected = {
                "Each of the seven ended with exit code 137, by its own hand, at the point it was told",
                "The four are OK with one attempt, one pod and one result each; the fifth is OK in its second attempt",
                "No pod is held by a finalizer any more"
            })
    @Test
    @Order(2)
    void diesAtEveryFailpoint() {
        List<String> names = IntStream.range(0, 4).mapToObj(i -> "through-" + i).toList();
        try (PodWatch pods = new PodWatch(cluster.client(), jobs.namespace())) {
            killAtEachStep(names);

            for (String name : names) {
                SandboxJobStatus status = Jobs.assertVerdict(jobs.awaitEnd(name), Verdict.OK);
                assertThat(Jobs.stdout(status)).isEqualTo(name + " arrived\n");
                assertThat(status.attempts()).isEqualTo(1);
                assertOneResult(status, pods, name);
            }
            SandboxJob lost = jobs.awaitEnd("lost");
            assertOneResult(Jobs.assertSurvived(lost, "PodDeleted"), pods, "lost");
        }
        await("no pod is held").atMost(Duration.ofSeconds(30)).untilAsserted(() -> assertThat(
                        Stream.concat(names.stream(), Stream.of("lost")).flatMap(name -> jobs.podsOf(name).stream()))
                .allMatch(pod -> pod.getMetadata().getFinalizers().isEmpty()));
    }

    private void killAtEachStep(List<String> names) {
        try (ArmedOperators operators = new ArmedOperators(cluster)) {
            names.forEach(name -> jobs.apply(name, JobYaml.python("print('" + name + " arrived')")));
            for (String point :
                    List.of("attempt-announced", "plan-written", "pod-created", "result-stored", "verdict-written")) {
                operators.start(point);
                operators.awaitDeath();
            }
            operators.start("attempt-failed-written");
            jobs.apply("lost", Jobs.SURVIVOR);
            Pod pod = jobs.awaitRunningPod("lost");
            cluster.kubectl(
                    "delete", "pod", pod.getMetadata().getName(), "-n", jobs.namespace(), "--force", "--wait=false");
            operators.awaitDeath();
            operators.start("pod-deleted");
            operators.awaitDeath();
        }
    }

    /** One attempt finished, and the pods that ever were are those of the attempts' records. */
    private static void assertOneResult(SandboxJobStatus status, PodWatch pods, String name) {
        assertThat(Jobs.finishedAttempts(status)).isEqualTo(1);
        assertThat(pods.of(name))
                .containsExactlyInAnyOrderElementsOf(status.attemptRecords().stream()
                        .map(AttemptRecord::podUid)
                        .toList());
    }
}
