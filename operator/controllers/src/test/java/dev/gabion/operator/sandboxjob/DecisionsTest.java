// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.limits.LimitsResolution.Resolved;
import dev.gabion.api.limits.LimitsResolver;
import dev.gabion.api.runner.SandboxResult;
import dev.gabion.api.v1alpha1.AttemptRecord;
import dev.gabion.api.v1alpha1.ConditionTypes;
import dev.gabion.api.v1alpha1.Limits;
import dev.gabion.api.v1alpha1.Reason;
import dev.gabion.api.v1alpha1.ResolvedLimits;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobSpec;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.SandboxRuntime;
import dev.gabion.api.v1alpha1.SandboxRuntimeSpec;
import dev.gabion.api.v1alpha1.Source;
import dev.gabion.api.v1alpha1.SourceFile;
import dev.gabion.api.v1alpha1.Verdict;
import dev.gabion.operator.OperatorSettings;
import dev.gabion.operator.sandboxjob.Decision.Adopt;
import dev.gabion.operator.sandboxjob.Decision.Await;
import dev.gabion.operator.sandboxjob.Decision.Begin;
import dev.gabion.operator.sandboxjob.Decision.EndCancelled;
import dev.gabion.operator.sandboxjob.Decision.Expire;
import dev.gabion.operator.sandboxjob.Decision.FailAttempt;
import dev.gabion.operator.sandboxjob.Decision.GiveUp;
import dev.gabion.operator.sandboxjob.Decision.Hold;
import dev.gabion.operator.sandboxjob.Decision.Release;
import dev.gabion.operator.sandboxjob.Decision.Settled;
import dev.gabion.operator.sandboxjob.Decision.Stop;
import dev.gabion.operator.sandboxjob.PodFacts.Container;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DecisionsTest {
    private static final String UID = "job-uid";
    private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
    private static final OperatorSettings SETTINGS = OperatorSettings.DEFAULTS;

    // Before an attempt.

    @Test
    void aNewJobBegins() {
        assertThat(decide(job())).isEqualTo(new Begin(1, runtime(), limits()));
    }

    @Test
    void aSuspendedJobIsHeld() {
        assertThat(decide(job(spec().suspend(true), SandboxJobStatus.EMPTY)))
                .isInstanceOfSatisfying(
                        Hold.class, hold -> assertThat(hold.reason()).isEqualTo(Reasons.SUSPENDED));
    }

    @Test
    void aJobCancelledBeforeItsStartEndsAsCancelled() {
        assertThat(decide(job(spec().suspend(true).cancel(true), SandboxJobStatus.EMPTY)))
                .isEqualTo(new EndCancelled());
    }

    @Test
    void aMissingRuntimeHolds() {
        assertThat(Decisions.decide(new Observation(job(), null, List.of(), null, null, null), NOW, SETTINGS))
                .isInstanceOfSatisfying(
                        Hold.class, hold -> assertThat(hold.reason()).isEqualTo(Reasons.RUNTIME_NOT_FOUND));
    }

    @Test
    void aMissingSourceHolds() {
        var problem = new Observation.Problem(Reasons.SOURCE_NOT_FOUND, "no ConfigMap");
        assertThat(Decisions.decide(new Observation(job(), runtime(), List.of(), problem, null, null), NOW, SETTINGS))
                .isEqualTo(new Hold(Reasons.SOURCE_NOT_FOUND, "no ConfigMap", SETTINGS.recheck()));
    }

    // An attempt without its pod.

    @Test
    void anInterruptedBeginningGoesOnWithTheLimitsItAnnounced() {
        assertThat(decide(job(spec(), announced()))).isEqualTo(new Begin(1, runtime(), limits()));

        SandboxRuntime changed = runtime();
        changed.setSpec(changed.getSpec().toBuilder()
                .defaults(Limits.builder().memory(Quantity.parse("128Mi")).build())
                .maximum(Limits.builder().memory(Quantity.parse("512Mi")).build())
                .build());
        assertThat(Decisions.decide(
                        new Observation(job(spec(), announced()), changed, List.of(), null, null, null), NOW, SETTINGS))
                .isEqualTo(new Begin(1, changed, limits()));
    }

    @Test
    void aVanishedPodFailsTheAttempt() {
        SandboxJobStatus status = SandboxJobStatus.builder()
                .attempts(1)
                .attemptRecords(List.of(new AttemptRecord(1, "pod", "pod-uid", "node", null, null, null, null)))
                .build();
        assertFails(decide(job(spec(), status)), Reasons.POD_DELETED);
        assertThat(decide(job(spec().cancel(true), status))).isEqualTo(new EndCancelled());
    }

    // An attempt whose pod does not start.

    @Test
    void aPodWithoutANodeWaitsForEver() {
        PodFacts pod = new Pod().unschedulable("0/3 nodes are available").facts();
        assertThat(decide(job(spec(), announced()), pod)).isInstanceOfSatisfying(Await.class, await -> {
            assertThat(await.reason()).isEqualTo(Reasons.UNSCHEDULABLE);
            assertThat(await.at()).isEqualTo(Instant.MAX);
        });
    }

    /** What keeps a container from starting, its reason while there is time, and the attempt's outcome after it. */
    static Stream<List<String>> keptFromStarting() {
        return Stream.of(
                List.of("ErrImagePull", "not found", Reasons.IMAGE_UNAVAILABLE, Reasons.IMAGE_UNAVAILABLE),
                List.of("ImagePullBackOff", "Back-off", Reasons.IMAGE_UNAVAILABLE, Reasons.IMAGE_UNAVAILABLE),
                List.of("InvalidImageName", "bad", Reasons.IMAGE_UNAVAILABLE, Reasons.IMAGE_UNAVAILABLE),
                List.of("ErrImageNeverPull", "absent", Reasons.IMAGE_UNAVAILABLE, Reasons.IMAGE_UNAVAILABLE),
                List.of("ImageInspectError", "broken", Reasons.IMAGE_UNAVAILABLE, Reasons.IMAGE_UNAVAILABLE),
                List.of(
                        "CreateContainerError",
                        "cannot load seccomp profile",
                        Reasons.PROFILE_MISSING,
                        Reasons.PROFILE_MISSING),
                List.of("CreateContainerError", "odd", Reasons.CONTAINER_NOT_STARTED, Reasons.CONTAINER_NOT_STARTED),
                List.of("ContainerCreating", "", Reasons.STARTING, Reasons.CONTAINER_NOT_STARTED),
                List.of("PodInitializing", "", Reasons.STARTING, Reasons.CONTAINER_NOT_STARTED));
    }

    @ParameterizedTest
    @MethodSource("keptFromStarting")
    void aContainerThatDoesNotStartHasItsTime(List<String> row) {
        boolean image = row.get(2).equals(Reasons.IMAGE_UNAVAILABLE);
        var deadline = image ? SETTINGS.imageDeadline() : SETTINGS.startDeadline();
        Pod pod = new Pod().container(new Container.Waiting(row.get(0), row.get(1)));

        assertThat(decide(
                        job(spec(), announced()),
                        pod.scheduled(NOW.minus(deadline).plusSeconds(1)).facts()))
                .isInstanceOfSatisfying(Await.class, await -> {
                    assertThat(await.reason()).isEqualTo(row.get(2));
                    assertThat(await.at()).isEqualTo(NOW.plusSeconds(1));
                });
        assertFails(
                decide(
                        job(spec(), announced()),
                        pod.scheduled(NOW.minus(deadline)).facts()),
                row.get(3));
    }

    // An attempt that runs.

    @Test
    void aRunnerHasTheTimeOfItsLimitsAndAMargin() {
        Instant since = NOW.minusMillis(limits().wallTimeMilliseconds()).minus(SETTINGS.runMargin());
        Pod pod = new Pod().scheduled(since);

        assertThat(decide(
                        job(spec(), announced()),
                        pod.container(new Container.Running(since.plusMillis(1)))
                                .facts()))
                .isInstanceOfSatisfying(Await.class, await -> {
                    assertThat(await.reason()).isEqualTo(Reasons.RUNNING);
                    assertThat(await.at()).isEqualTo(NOW.plusMillis(1));
                });
        assertStops(
                decide(
                        job(spec(), announced()),
                        pod.container(new Container.Running(since)).facts()),
                Reasons.RUNNER_OVERDUE);
    }

    @Test
    void cancellingEndsTheGuest() {
        assertStops(
                decide(
                        job(spec().cancel(true), announced()),
                        new Pod().container(new Container.Running(NOW)).facts()),
                Reasons.ENDING);
    }

    @Test
    void suspendingDoesNotTouchARunningAttempt() {
        assertThat(decide(
                        job(spec().suspend(true), announced()),
                        new Pod().container(new Container.Running(NOW)).facts()))
                .isInstanceOf(Await.class);
    }

    @Test
    void aNodeThatDoesNotConfirmTheEndIsLost() {
        Pod pod = new Pod().container(new Container.Running(NOW.minusSeconds(60)));

        assertThat(decide(
                        job(spec(), announced()),
                        pod.deleted(NOW.minusSeconds(19)).facts()))
                .isInstanceOfSatisfying(
                        Await.class, await -> assertThat(await.reason()).isEqualTo(Reasons.ENDING));
        assertFails(
                decide(
                        job(spec(), announced()),
                        pod.deleted(NOW.minusSeconds(20)).facts()),
                Reasons.NODE_LOST);
        assertFails(
                decide(
                        job(spec(), announced()),
                        pod.deleted(NOW).disruption("DeletionByTaintManager").facts()),
                Reasons.NODE_LOST);
        assertThat(decide(
                        job(spec().cancel(true), announced()),
                        pod.deleted(NOW.minusSeconds(20)).facts()))
                .isEqualTo(new EndCancelled());
    }

    // An attempt whose pod has ended without a result.

    /** A pod's end, and what the attempt's outcome is called. */
    static Stream<Map.Entry<String, Pod>> endings() {
        return Stream.of(
                Map.entry(Reasons.EVICTED, over().reason("Evicted")),
                Map.entry(Reasons.EVICTED, over().disruption("EvictionByEvictionAPI")),
                Map.entry(Reasons.EVICTED, over().disruption("TerminationByKubelet")),
                Map.entry(
                        Reasons.EVICTED,
                        over().container(terminated("Error", null)).disruption("DeletionByTaintManager")),
                Map.entry(Reasons.PREEMPTED, over().disruption("PreemptionByScheduler")),
                Map.entry(Reasons.NODE_SHUTDOWN, over().reason("Terminated").disruption("TerminationByKubelet")),
                Map.entry(Reasons.NODE_SHUTDOWN, over().reason("NodeShutdown")),
                Map.entry(Reasons.NODE_LOST, over().reason("NodeLost")),
                Map.entry(Reasons.NODE_LOST, over().disruption("DeletionByTaintManager")),
                Map.entry(Reasons.NODE_LOST, over().disruption("DeletionByPodGC")),
                Map.entry(Reasons.POD_DELETED, over().deleted(NOW)),
                Map.entry(Reasons.RUNNER_KILLED, over()),
                Map.entry(Reasons.RUNNER_KILLED, over().container(terminated("Error", null))),
                Map.entry(Reasons.RUNNER_OUT_OF_MEMORY, over().container(terminated("OOMKilled", null))));
    }

    @ParameterizedTest
    @MethodSource("endings")
    void anEndWithoutAResultFailsTheAttempt(Map.Entry<String, Pod> row) {
        PodFacts pod = row.getValue().facts();

        assertFails(decide(job(spec(), announced()), pod), row.getKey());
        assertThat(decide(job(spec().cancel(true), announced()), pod)).isEqualTo(new EndCancelled());
    }

    @Test
    void aRunnerThatWasEndedAsOverdueIsCalledSo() {
        assertFails(decide(job(spec(), overdue()), over().deleted(NOW).facts()), Reasons.RUNNER_OVERDUE);
    }

    @Test
    void aPodKilledForMemoryAfterTheGuestStartedIsTheGuests() {
        PodFacts pod = over().container(terminated("OOMKilled", null)).facts();
        RunnerOutput started = new RunnerOutput(null, true, List.of(), null, null, Map.of(), null);
        RunnerOutput early = new RunnerOutput(null, false, List.of(), null, null, Map.of(), null);

        assertThat(decide(job(spec(), announced()), pod, started)).isInstanceOfSatisfying(Adopt.class, adopt -> {
            assertThat(adopt.result().verdict()).isEqualTo(Verdict.MemoryExceeded);
            assertThat(adopt.result().signal()).isEqualTo("SIGKILL");
        });
        assertFails(decide(job(spec(), announced()), pod, early), Reasons.RUNNER_OUT_OF_MEMORY);
    }

    /** Termination messages that nobody believes, with a part of what is said about them. */
    static Stream<List<String>> unbelievable() {
        return Stream.of(
                List.of("", "left no result"),
                List.of("no JSON", "not a result"),
                List.of("{\"jobUid\":\"" + UID + "\",\"attempt\":1}", "not a result"),
                List.of(message("somebody-else", 1, Verdict.OK), "another job or attempt"),
                List.of(message(UID, 2, Verdict.OK), "another job or attempt"));
    }

    @ParameterizedTest
    @MethodSource("unbelievable")
    void onlyAResultOfThisJobAndAttemptIsBelieved(List<String> row) {
        PodFacts pod = over().container(terminated("Completed", row.get(0))).facts();

        assertThat(decide(job(spec(), announced()), pod)).isInstanceOfSatisfying(FailAttempt.class, failed -> {
            assertThat(failed.outcome()).isEqualTo(Reasons.RUNNER_KILLED);
            assertThat(failed.message()).contains(row.get(1));
        });
    }

    // An attempt whose pod has ended with a result.

    @Test
    void everyVerdictAboutTheGuestIsAdopted() {
        for (Verdict verdict : Verdict.values()) {
            if (verdict == Verdict.Cancelled || verdict == Verdict.InternalError) {
                continue;
            }
            PodFacts pod = over().container(terminated("Completed", message(UID, 1, verdict)))
                    .facts();
            assertThat(decide(job(spec(), announced()), pod))
                    .as(verdict.name())
                    .isInstanceOfSatisfying(
                            Adopt.class,
                            adopt -> assertThat(adopt.result().verdict()).isEqualTo(verdict));
        }
    }

    @Test
    void aResultOutlivesTheDeletionOfItsPod() {
        PodFacts pod = over().deleted(NOW)
                .reason("Evicted")
                .container(terminated("Completed", message(UID, 1, Verdict.OK)))
                .facts();
        assertThat(decide(job(spec(), announced()), pod)).isInstanceOf(Adopt.class);
    }

    @Test
    void cancelledByNobodyIsAPodEndedFromOutside() {
        PodFacts pod = over().disruption("EvictionByEvictionAPI")
                .container(terminated("Completed", message(UID, 1, Verdict.Cancelled)))
                .facts();
        assertFails(decide(job(spec(), announced()), pod), Reasons.EVICTED);
        assertThat(decide(job(spec().cancel(true), announced()), pod)).isInstanceOf(Adopt.class);
    }

    @Test
    void aPlatformFailureIsTriedAgainUnlessItLasts() {
        PodFacts passing = over().container(terminated("Completed", internalError("LauncherDied")))
                .facts();
        assertFails(decide(job(spec().maxAttempts(2), announced()), passing), Reasons.RUNNER_FAILED);
        assertThat(decide(job(spec().maxAttempts(1), announced()), passing)).isInstanceOf(Adopt.class);
        assertThat(decide(job(spec().maxAttempts(2).cancel(true), announced()), passing))
                .isInstanceOf(Adopt.class);

        for (String code : Decisions.LASTING_ERRORS) {
            PodFacts lasting = over().container(terminated("Completed", internalError(code)))
                    .facts();
            assertThat(decide(job(spec().maxAttempts(2), announced()), lasting))
                    .as(code)
                    .isInstanceOf(Adopt.class);
        }
    }

    // Between attempts.

    @Test
    void theNextAttemptBeginsAfterAWhile() {
        assertThat(decide(job(spec().maxAttempts(2), failed(NOW.minusSeconds(1)))))
                .isInstanceOfSatisfying(Hold.class, hold -> {
                    assertThat(hold.reason()).isEqualTo(Reasons.RETRYING);
                    assertThat(hold.recheck().toMillis()).isEqualTo(1_000);
                });
        assertThat(decide(job(spec().maxAttempts(2), failed(NOW.minusSeconds(2)))))
                .isEqualTo(new Begin(2, runtime(), limits()));
    }

    @Test
    void afterTheLastAttemptTheJobIsGivenUp() {
        assertThat(decide(job(spec().maxAttempts(1), failed(NOW))))
                .isInstanceOfSatisfying(GiveUp.class, gaveUp -> assertThat(gaveUp.message())
                        .contains("1 of 1")
                        .contains("NodeLost"));
    }

    @Test
    void betweenAttemptsAJobCanBeCancelledAndSuspended() {
        assertThat(decide(job(spec().maxAttempts(2).cancel(true), failed(NOW)))).isEqualTo(new EndCancelled());
        assertThat(decide(job(spec().maxAttempts(2).suspend(true), failed(NOW.minusSeconds(2)))))
                .isInstanceOfSatisfying(
                        Hold.class, hold -> assertThat(hold.reason()).isEqualTo(Reasons.SUSPENDED));
    }

    @Test
    void theOldPodGoesBeforeTheNextAttempt() {
        PodFacts pod = over().facts();
        assertThat(decide(job(spec().maxAttempts(2), failed(NOW.minusSeconds(60))), pod))
                .isEqualTo(new Release(List.of(pod)));
    }

    // After the end.

    @Test
    void aFinishedJobLetsItsPodsGoAndThenWaitsForItsTime() {
        SandboxJobStatus status = SandboxJobStatus.builder()
                .attempts(1)
                .verdict(Verdict.OK)
                .completionTime(Times.format(NOW.minusSeconds(10)))
                .build();
        PodFacts pod = over().facts();

        assertThat(decide(job(spec(), status), pod)).isEqualTo(new Release(List.of(pod)));
        assertThat(decide(job(spec(), status), over().released().facts())).isEqualTo(new Settled(null));
        assertThat(decide(job(spec().ttlSecondsAfterFinished(11), status))).isEqualTo(new Settled(NOW.plusSeconds(1)));
        assertThat(decide(job(spec().ttlSecondsAfterFinished(10), status))).isEqualTo(new Expire());
        assertThat(decide(job(spec().cancel(true), status))).isEqualTo(new Settled(null));
    }

    // Making observations.

    private static Decision decide(SandboxJob job, PodFacts... pods) {
        return Decisions.decide(new Observation(job, runtime(), List.of(pods), null, null, null), NOW, SETTINGS);
    }

    private static Decision decide(SandboxJob job, PodFacts pod, RunnerOutput output) {
        return Decisions.decide(new Observation(job, runtime(), List.of(pod), null, null, output), NOW, SETTINGS);
    }

    private static void assertFails(Decision decision, String outcome) {
        assertThat(decision).isInstanceOfSatisfying(FailAttempt.class, failed -> assertThat(failed.outcome())
                .isEqualTo(outcome));
    }

    private static void assertStops(Decision decision, String reason) {
        assertThat(decision).isInstanceOfSatisfying(Stop.class, stop -> assertThat(stop.reason())
                .isEqualTo(reason));
    }

    private static SandboxJobSpec.Builder spec() {
        return SandboxJobSpec.builder()
                .runtime("python")
                .source(new Source(List.of(new SourceFile("main.py", "print()", null)), null, null));
    }

    private static SandboxJob job() {
        return job(spec(), SandboxJobStatus.EMPTY);
    }

    private static SandboxJob job(SandboxJobSpec.Builder spec, SandboxJobStatus status) {
        SandboxJob job = new SandboxJob();
        job.setMetadata(new ObjectMetaBuilder()
                .withName("hello")
                .withNamespace("jobs")
                .withUid(UID)
                .build());
        job.setSpec(spec.build());
        job.setStatus(status);
        return job;
    }

    private static SandboxRuntime runtime() {
        SandboxRuntime runtime = new SandboxRuntime();
        runtime.setMetadata(new ObjectMetaBuilder().withName("python").build());
        runtime.setSpec(SandboxRuntimeSpec.builder()
                .image("runner")
                .fileName("main.py")
                .command(List.of("/usr/bin/python3", "{file}"))
                .build());
        return runtime;
    }

    private static ResolvedLimits limits() {
        return ((Resolved)
                        LimitsResolver.resolve(Limits.NONE, "python", runtime().getSpec()))
                .limits();
    }

    private static SandboxJobStatus announced() {
        return SandboxJobStatus.builder().attempts(1).effectiveLimits(limits()).build();
    }

    private static SandboxJobStatus overdue() {
        return announced().toBuilder()
                .conditions(List.of(new ConditionBuilder()
                        .withType(ConditionTypes.COMPLETE)
                        .withStatus("False")
                        .withReason(Reasons.RUNNER_OVERDUE)
                        .build()))
                .build();
    }

    private static SandboxJobStatus failed(Instant at) {
        return announced().toBuilder()
                .attemptRecords(List.of(new AttemptRecord(
                        1, "pod", "pod-uid", "node", null, Times.format(at), Reasons.NODE_LOST, "gone")))
                .build();
    }

    private static String message(String uid, int attempt, Verdict verdict) {
        return text(new SandboxResult(
                uid, attempt, verdict, null, null, null, null, null, null, null, null, null, null, null));
    }

    private static String internalError(String code) {
        return text(SandboxResult.internalError(UID, 1, Reason.of(code, "why")));
    }

    private static String text(SandboxResult result) {
        return new String(result.toTerminationMessage(), StandardCharsets.UTF_8);
    }

    private static Container terminated(String reason, @Nullable String message) {
        return new Container.Terminated(0, reason, message, NOW);
    }

    private static Pod over() {
        return new Pod().scheduled(NOW.minusSeconds(30)).ended();
    }

    /** A pod of the first attempt, held; what is not said is absent. */
    private record Pod(
            boolean held,
            @Nullable Instant scheduled,
            @Nullable String unschedulable,
            boolean over,
            @Nullable String reason,
            @Nullable String disruption,
            @Nullable Instant deleted,
            Container container) {

        Pod() {
            this(true, null, null, false, null, null, null, new Container.None());
        }

        Pod released() {
            return new Pod(false, scheduled, unschedulable, over, reason, disruption, deleted, container);
        }

        Pod scheduled(Instant at) {
            return new Pod(held, at, unschedulable, over, reason, disruption, deleted, container);
        }

        Pod unschedulable(String why) {
            return new Pod(held, scheduled, why, over, reason, disruption, deleted, container);
        }

        Pod ended() {
            return new Pod(held, scheduled, unschedulable, true, reason, disruption, deleted, container);
        }

        Pod reason(String why) {
            return new Pod(held, scheduled, unschedulable, over, why, disruption, deleted, container);
        }

        Pod disruption(String why) {
            return new Pod(held, scheduled, unschedulable, over, reason, why, deleted, container);
        }

        Pod deleted(Instant at) {
            return new Pod(held, scheduled, unschedulable, over, reason, disruption, at, container);
        }

        Pod container(Container state) {
            return new Pod(held, scheduled, unschedulable, over, reason, disruption, deleted, state);
        }

        PodFacts facts() {
            return new PodFacts(
                    "pod",
                    "pod-uid",
                    1,
                    held,
                    NOW.minusSeconds(60),
                    scheduled,
                    "node",
                    unschedulable,
                    over,
                    reason,
                    null,
                    disruption,
                    deleted,
                    false,
                    container);
        }
    }
}
