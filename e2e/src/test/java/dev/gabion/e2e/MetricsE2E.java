// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.v1alpha1.Verdict;
import dev.gabion.e2e.harness.JobYaml;
import dev.gabion.e2e.harness.Jobs;
import dev.gabion.e2e.harness.OnCluster;
import dev.gabion.e2e.harness.Scenario;
import dev.gabion.e2e.harness.Scrape;
import dev.gabion.e2e.harness.TestCluster;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** What the operator tells of its work: metrics to Prometheus, events to who looks at a job. */
@Order(55)
@OnCluster
class MetricsE2E {
    private static final List<String> HISTOGRAMS =
            List.of("gabion_job_queue_wait_seconds", "gabion_pod_start_seconds", "gabion_job_run_seconds");

    private final TestCluster cluster;
    private final Jobs jobs;
    private Scrape before = new Scrape(List.of());
    private Scrape after = new Scrape(List.of());

    MetricsE2E(TestCluster cluster, Jobs jobs) {
        this.cluster = cluster;
        this.jobs = jobs;
    }

    @BeforeAll
    void runJobs() {
        String leader = cluster.leader();
        before = Scrape.of(cluster, leader);
        jobs.apply("lost-once", Jobs.SURVIVOR);
        jobs.apply("fine", JobYaml.python("print('fine')"));
        jobs.apply("finer", JobYaml.python("print('finer')"));
        jobs.apply("exits", JobYaml.python("import sys; sys.exit(3)"));
        jobs.apply("burns", JobYaml.python("while True: pass", "limits: {cpuTimeMilliseconds: 300}"));
        Pod pod = jobs.awaitRunningPod("lost-once");
        cluster.client().resource(pod).withGracePeriod(0).delete();

        Jobs.assertSurvived(jobs.awaitEnd("lost-once"), "PodDeleted");
        Jobs.assertVerdict(jobs.awaitEnd("fine"), Verdict.OK);
        Jobs.assertVerdict(jobs.awaitEnd("finer"), Verdict.OK);
        Jobs.assertVerdict(jobs.awaitEnd("exits"), Verdict.NonZeroExit);
        Jobs.assertVerdict(jobs.awaitEnd("burns"), Verdict.CpuTimeExceeded);
        after = Scrape.of(cluster, leader);
        assertThat(cluster.leader()).as("who leads").isEqualTo(leader);
    }

    @Scenario(
            name = "The leader's metrics count each job by its verdict and each failed attempt by its reason",
            steps = {
                "Scrape the leader; run five jobs: three OK, one of them after its pod was deleted once, one that exits with 3, one"
                        + " that burns its CPU time; scrape again",
                "Read both by Prometheus' own parser"
            },
            expected = {
                "gabion_jobs_finished_total grew by 3, 1 and 1 for their verdicts and the runtime python",
                "gabion_attempts_failed_total grew by 1 for PodDeleted, and for nothing else",
                "On the harness's network gabion_controls_absent_total grew by 5 for NetworkPolicy",
                "No metric of ours has a label for a job or a namespace"
            })
    @Test
    @Order(1)
    void countsVerdicts() {
        assertThat(grown("gabion_jobs_finished_total", Map.of("verdict", "OK", "runtime", "python")))
                .isEqualTo(3);
        assertThat(grown("gabion_jobs_finished_total", Map.of("verdict", "NonZeroExit", "runtime", "python")))
                .isEqualTo(1);
        assertThat(grown("gabion_jobs_finished_total", Map.of("verdict", "CpuTimeExceeded", "runtime", "python")))
                .isEqualTo(1);
        assertThat(grown("gabion_jobs_finished_total", Map.of())).isEqualTo(5);
        assertThat(grown("gabion_attempts_failed_total", Map.of("reason", "PodDeleted")))
                .isEqualTo(1);
        assertThat(grown("gabion_attempts_failed_total", Map.of())).isEqualTo(1);
        assertThat(grown("gabion_controls_absent_total", Map.of("control", "NetworkPolicy")))
                .isEqualTo(cluster.ignoresNetworkPolicies() ? 5 : 0);
        assertThat(after.samples())
                .filteredOn(sample -> sample.name().startsWith("gabion_"))
                .isNotEmpty()
                .allSatisfy(sample -> assertThat(sample.labels().keySet())
                        .isSubsetOf("verdict", "runtime", "reason", "control", "le"));
    }

    @Scenario(
            name = "Queue wait, pod start and run time are histograms that hold what was run",
            steps = {"Take the histograms of both scrapes"},
            expected = {
                "Each is of type histogram; its count grew by the jobs (by their pods, for pod start) and its sum is above 0",
                "The buckets never fall from one bound to the next, and the last is the count"
            })
    @Test
    @Order(2)
    void histogramsHoldWhatWasRun() {
        assertThat(grown("gabion_job_queue_wait_seconds_count", Map.of())).isEqualTo(5);
        assertThat(grown("gabion_job_run_seconds_count", Map.of("runtime", "python")))
                .isEqualTo(5);
        // A pod that was never seen running, because it ended at once, has no start.
        assertThat(grown("gabion_pod_start_seconds_count", Map.of())).isBetween(2.0, 6.0);
        for (String name : HISTOGRAMS) {
            List<Scrape.Sample> buckets = after.all(
                    name + "_bucket", name.equals("gabion_job_run_seconds") ? Map.of("runtime", "python") : Map.of());
            List<Double> counts = new ArrayList<>();
            buckets.stream().map(Scrape.Sample::number).forEach(counts::add);
            assertThat(buckets).as(name).hasSizeGreaterThan(5).allMatch(bucket -> bucket.type()
                    .equals("histogram"));
            assertThat(counts).as(name).isSorted();
            assertThat(buckets.getLast().labels()).as(name).containsEntry("le", "+Inf");
            assertThat(counts.getLast())
                    .as(name)
                    .isEqualTo(after.sum(
                            name + "_count",
                            name.equals("gabion_job_run_seconds") ? Map.of("runtime", "python") : Map.of()));
            assertThat(grown(name + "_sum", Map.of())).as(name).isPositive();
        }
    }

    @Scenario(
            name = "kubectl get events tells of a job what a person should know, once",
            steps = {"Read the events of the job that was OK, and of the one whose pod was deleted"},
            expected = {
                "The first has one event: Normal, OK",
                "The second has a Warning of the failed attempt that names it, and one Normal, OK"
            })
    @Test
    @Order(3)
    void tellsByEvents() {
        assertThat(events("fine")).hasSize(1).first().asString().startsWith("Normal OK ");
        assertThat(events("lost-once")).hasSize(2);
        assertThat(events("lost-once").getFirst())
                .startsWith("Warning Retrying ")
                .contains("PodDeleted");
        assertThat(events("lost-once").getLast()).startsWith("Normal OK ");
    }

    private List<String> events(String job) {
        return cluster.kubectl(
                        "get",
                        "events",
                        "-n",
                        jobs.namespace(),
                        "--field-selector=involvedObject.kind=SandboxJob,involvedObject.name=" + job,
                        "--sort-by=.lastTimestamp",
                        "-o",
                        "jsonpath={range .items[*]}{.type} {.reason} {.message}{'\\n'}{end}")
                .lines()
                .toList();
    }

    private double grown(String name, Map<String, String> labels) {
        return after.sum(name, labels) - before.sum(name, labels);
    }
}
