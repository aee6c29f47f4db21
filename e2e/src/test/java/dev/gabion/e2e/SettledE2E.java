// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.v1alpha1.Verdict;
import dev.gabion.e2e.harness.JobYaml;
import dev.gabion.e2e.harness.Jobs;
import dev.gabion.e2e.harness.OnCluster;
import dev.gabion.e2e.harness.Scenario;
import dev.gabion.e2e.harness.TestCluster;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

/** Nothing to do means nothing written. */
@Order(60)
@OnCluster
class SettledE2E {
    /** apiserver_request_total{...} of a write of what the operator may write; leases are leader election and not counted. */
    private static final Pattern WRITE = Pattern.compile(
            "^apiserver_request_total\\{(?=[^}]*verb=\"(?:POST|PUT|PATCH|APPLY|DELETE|DELETECOLLECTION)\")"
                    + "(?=[^}]*resource=\"(sandboxjobs|sandboxruntimes|pods|configmaps|networkpolicies|events)\")[^}]*\\} (\\S+)$",
            Pattern.MULTILINE);

    private final TestCluster cluster;
    private final Jobs jobs;

    SettledE2E(TestCluster cluster, Jobs jobs) {
        this.cluster = cluster;
        this.jobs = jobs;
    }

    @Scenario(
            name = "A settled cluster makes no write in sixty seconds",
            steps = {
                "Run three jobs to their end and wait until the API server's own count of writes stands still for ten seconds",
                "Read the count, wait sixty seconds, read it again"
            },
            expected = {
                "No write of a job, a job's status, a runtime, a pod, a config map, a network policy or an event by anybody;"
                        + " leases of the leader election are apart"
            })
    @Test
    void zeroWrites() {
        for (int i = 0; i < 3; i++) {
            jobs.apply("settled-" + i, JobYaml.python("print('done')"));
        }
        for (int i = 0; i < 3; i++) {
            Jobs.assertVerdict(jobs.awaitEnd("settled-" + i), Verdict.OK);
        }
        Awaitility.await("writes stand still")
                .atMost(Duration.ofMinutes(4))
                .pollInterval(Duration.ofSeconds(1))
                .during(Duration.ofSeconds(10))
                .until(new SameAsBefore());

        Map<String, Double> before = writes();
        Awaitility.await("sixty seconds")
                .pollDelay(Duration.ofSeconds(60))
                .atMost(Duration.ofSeconds(90))
                .until(() -> true);

        assertThat(writes()).isEqualTo(before);
    }

    private final class SameAsBefore implements Callable<Boolean> {
        private Map<String, Double> last = Map.of();

        @Override
        public Boolean call() {
            Map<String, Double> now = writes();
            boolean same = now.equals(last);
            last = now;
            return same;
        }
    }

    private Map<String, Double> writes() {
        Map<String, Double> counts = new TreeMap<>();
        Matcher line = WRITE.matcher(cluster.kubectl("get", "--raw", "/metrics"));
        while (line.find()) {
            counts.merge(line.group(1), Double.parseDouble(line.group(2)), Double::sum);
        }
        assertThat(counts).as("the API server counts writes").containsKey("sandboxjobs");
        return counts;
    }
}
