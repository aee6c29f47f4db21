// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.operator.sandboxjob.AdmissionQueue.Admission;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdmissionQueueTest {
    private final AdmissionQueue queue = new AdmissionQueue(2);

    @Test
    void letsInTheOldestFirstHoweverTheyAsk() {
        List<SandboxJob> jobs = jobs(4);

        assertThat(queue.ask(jobs.get(3), jobs).admitted()).isFalse();
        assertThat(queue.ask(jobs.get(2), jobs)).isEqualTo(new Admission(false, 2, 0));
        assertThat(queue.ask(jobs.get(1), jobs).admitted()).isTrue();
        assertThat(queue.ask(jobs.get(0), jobs).admitted()).isTrue();
    }

    @Test
    void remembersWhomItLetInBeforeTheCacheDoes() {
        List<SandboxJob> jobs = jobs(3);
        queue.ask(jobs.get(0), jobs);
        queue.ask(jobs.get(1), jobs);

        assertThat(queue.ask(jobs.get(2), jobs)).isEqualTo(new Admission(false, 0, 2));
        assertThat(queue.ask(jobs.get(0), jobs).admitted()).isTrue();
    }

    @Test
    void aJobThatEndsMakesRoomForTheNext() {
        List<SandboxJob> jobs = jobs(3);
        TestJobs.announced(jobs.get(0), 1);
        TestJobs.announced(jobs.get(1), 1);
        assertThat(queue.ask(jobs.get(2), jobs)).isEqualTo(new Admission(false, 0, 2));

        jobs.get(0).setStatus(StatusFactory.of(jobs.get(0), TestJobs.NOW).cancelled());

        assertThat(queue.leave(jobs.get(0), jobs)).containsExactly(jobs.get(2));
        assertThat(queue.ask(jobs.get(2), jobs).admitted()).isTrue();
    }

    @Test
    void whoLeftMakesRoomBeforeTheCacheShowsIt() {
        List<SandboxJob> jobs = jobs(5);
        TestJobs.announced(jobs.get(0), 1);
        TestJobs.announced(jobs.get(1), 1);

        assertThat(queue.leave(jobs.get(0), jobs)).containsExactly(jobs.get(2));
        assertThat(queue.leave(jobs.get(1), jobs)).containsExactly(jobs.get(2), jobs.get(3));
        assertThat(queue.ask(jobs.get(2), jobs).admitted()).isTrue();
        assertThat(queue.ask(jobs.get(3), jobs).admitted()).isTrue();
        assertThat(queue.ask(jobs.get(4), jobs)).isEqualTo(new Admission(false, 0, 2));
    }

    @Test
    void aJobKeepsItsPlaceBetweenTwoAttemptsUntilItIsSuspended() {
        List<SandboxJob> jobs = jobs(3);
        SandboxJob retried = failedOnce(jobs.get(0));
        TestJobs.announced(jobs.get(1), 1);
        assertThat(AdmissionQueue.holdsPlace(retried)).isTrue();

        // When it is suspended, and that is written
        retried.setSpec(retried.getSpec().toBuilder().suspend(true).build());
        assertThat(queue.ask(jobs.get(2), jobs).admitted())
                .as("not yet written")
                .isFalse();
        retried.setStatus(StatusFactory.of(retried, TestJobs.NOW).held(Reasons.SUSPENDED, "suspended", null));

        assertThat(AdmissionQueue.holdsPlace(retried)).isFalse();
        assertThat(queue.leave(retried, jobs)).containsExactly(jobs.get(2));
        assertThat(queue.ask(jobs.get(2), jobs).admitted()).isTrue();
        TestJobs.announced(jobs.get(2), 1);

        // When it is let go
        retried.setSpec(retried.getSpec().toBuilder().suspend(false).build());
        assertThat(queue.ask(retried, jobs)).isEqualTo(new Admission(false, 0, 2));
        retried.setStatus(StatusFactory.of(retried, TestJobs.NOW).held(Reasons.QUEUED, "queued", "next"));

        // Then it is the next
        jobs.get(1).setStatus(StatusFactory.of(jobs.get(1), TestJobs.NOW).cancelled());
        assertThat(queue.leave(jobs.get(1), jobs)).containsExactly(retried);
        assertThat(queue.ask(retried, jobs).admitted()).isTrue();
    }

    @Test
    void aJobThatIsTakenBackBeforeItsNextAttemptGivesItsPlaceBack() {
        List<SandboxJob> jobs = jobs(3);
        SandboxJob retried = failedOnce(jobs.get(0));
        retried.setStatus(StatusFactory.of(retried, TestJobs.NOW).held(Reasons.QUEUED, "queued", "next"));
        assertThat(queue.ask(retried, jobs).admitted()).isTrue();
        assertThat(queue.ask(jobs.get(1), jobs).admitted()).isTrue();

        retried.setSpec(retried.getSpec().toBuilder().suspend(true).build());

        assertThat(queue.ask(jobs.get(2), jobs).admitted()).isTrue();
    }

    @Test
    void whoWaitsForSomethingElseStandsInNobodysWay() {
        List<SandboxJob> jobs = jobs(3);
        for (SandboxJob blocked : jobs.subList(0, 2)) {
            blocked.setStatus(
                    StatusFactory.of(blocked, TestJobs.NOW).held(Reasons.RUNTIME_NOT_FOUND, "there is none", null));
        }

        assertThat(queue.ask(jobs.get(2), jobs)).isEqualTo(new Admission(true, 0, 0));
    }

    @Test
    void aJobThatIsTakenBackBeforeItBeganGivesItsPlaceBack() {
        List<SandboxJob> jobs = jobs(3);
        queue.ask(jobs.get(0), jobs);
        queue.ask(jobs.get(1), jobs);
        jobs.get(0).setSpec(jobs.get(0).getSpec().toBuilder().suspend(true).build());

        assertThat(queue.ask(jobs.get(2), jobs).admitted()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"0, next", "1, <= 10", "9, <= 10", "10, <= 50", "499, <= 500", "999, <= 1000", "1000, > 1000"})
    void thePositionIsCoarse(int ahead, String position) {
        assertThat(AdmissionQueue.position(ahead)).isEqualTo(position);
    }

    private static SandboxJob failedOnce(SandboxJob job) {
        TestJobs.announced(job, 1);
        job.setStatus(StatusFactory.of(job, TestJobs.NOW).attemptFailed(1, null, Reasons.EVICTED, "the node was full"));
        return job;
    }

    private static List<SandboxJob> jobs(int count) {
        return IntStream.range(0, count)
                .mapToObj(number -> TestJobs.job(
                        "job-" + number,
                        "uid-" + number,
                        "2026-01-02T03:00:0" + number + "Z",
                        UnaryOperator.identity()))
                .toList();
    }
}
