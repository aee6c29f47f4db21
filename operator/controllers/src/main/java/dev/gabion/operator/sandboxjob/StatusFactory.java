// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.api.runner.SandboxResult;
import dev.gabion.api.runner.TerminalText;
import dev.gabion.api.v1alpha1.AttemptRecord;
import dev.gabion.api.v1alpha1.ConditionTypes;
import dev.gabion.api.v1alpha1.Output;
import dev.gabion.api.v1alpha1.OutputFile;
import dev.gabion.api.v1alpha1.Reason;
import dev.gabion.api.v1alpha1.ResolvedLimits;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.StreamOutput;
import dev.gabion.api.v1alpha1.Usage;
import dev.gabion.api.v1alpha1.UsageSample;
import dev.gabion.api.v1alpha1.Verdict;
import dev.gabion.operator.sandboxjob.Conditions.Say;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Every status there is comes from here; pure. What comes from a runner is cut to the API's bounds, so that no result
 * is ever refused for its size.
 */
final class StatusFactory {
    private static final int TAIL = 4096;

    private final SandboxJobStatus before;
    private final @Nullable Long generation;
    private final Instant now;
    private final @Nullable Say namespace;

    private StatusFactory(SandboxJob job, Instant now, @Nullable Say namespace) {
        this.before = Observation.statusOf(job);
        this.generation = job.getMetadata().getGeneration();
        this.now = now;
        this.namespace = namespace;
    }

    static StatusFactory of(SandboxJob job, Instant now) {
        return new StatusFactory(job, now, null);
    }

    /**
     * Makes statuses of a job that was observed.
     *
     * @param job as it is now, of which the observation may have an older state
     */
    static StatusFactory of(SandboxJob job, Observation seen, Instant now) {
        return new StatusFactory(
                job,
                now,
                seen.podSecurity() == null ? null : PodSecurity.condition(seen.podSecurity(), seen.runtime()));
    }

    /** The job waits before an attempt. */
    SandboxJobStatus held(String reason, String message, @Nullable String queuePosition) {
        boolean started = Attempts.begun(before) > 0;
        return base().phase(heldPhase(reason))
                .queuePosition(queuePosition)
                .conditions(conditions(
                        started ? begunSay() : Say.no(reason, message),
                        started ? Say.no(reason, message) : Say.no(Reasons.NOT_STARTED, "the job has not started"),
                        noFailure()))
                .build();
    }

    private static String heldPhase(String reason) {
        return switch (reason) {
            case Reasons.QUEUED, Reasons.SUSPENDED, Reasons.RETRYING -> reason;
            default -> "Blocked";
        };
    }

    /** An attempt is announced: from here on the spec is frozen. */
    SandboxJobStatus begun(int attempt, String podName, ResolvedLimits limits) {
        return base().phase("Starting")
                .queuePosition(null)
                .attempts(attempt)
                .podName(podName)
                .startTime(Optional.ofNullable(before.startTime()).orElse(Times.format(now)))
                .effectiveLimits(limits)
                .attemptRecords(Attempts.with(
                        before,
                        attempt,
                        entry -> new AttemptRecord(
                                attempt,
                                podName,
                                entry.podUid(),
                                entry.nodeName(),
                                Optional.ofNullable(entry.startTime()).orElse(Times.format(now)),
                                null,
                                null,
                                null)))
                .conditions(conditions(
                        begunSay(), Say.no(Reasons.STARTING, Decision.Await.starting(attempt, podName)), noFailure()))
                .build();
    }

    /** An attempt is under way. */
    SandboxJobStatus progress(PodFacts pod, String reason, String message) {
        // What a pod is called is noted once there is something else to say: one write less for a fast job.
        boolean unchanged = reason.equals(Reasons.STARTING)
                && Conditions.reason(before, ConditionTypes.COMPLETE).equals(Reasons.STARTING);
        return base().phase(
                        switch (reason) {
                            case Reasons.RUNNING, Reasons.ENDING, Reasons.STARTING -> reason;
                            case Reasons.RUNNER_OVERDUE -> Reasons.ENDING;
                            default -> "Starting";
                        })
                .attemptRecords(unchanged ? before.attemptRecords() : noted(pod))
                .conditions(conditions(begunSay(), Say.no(reason, message), noFailure()))
                .build();
    }

    /** An attempt cannot get its pod. */
    SandboxJobStatus refused(String reason, String message) {
        return base().phase("Blocked")
                .conditions(conditions(begunSay(), Say.no(reason, message), noFailure()))
                .build();
    }

    private List<AttemptRecord> noted(PodFacts pod) {
        return Attempts.with(
                before,
                pod.attempt(),
                entry -> new AttemptRecord(
                        pod.attempt(),
                        pod.name(),
                        pod.uid(),
                        pod.node(),
                        entry.startTime(),
                        entry.completionTime(),
                        entry.outcome(),
                        entry.message()));
    }

    /** The infrastructure failed an attempt. */
    SandboxJobStatus attemptFailed(int attempt, @Nullable PodFacts pod, String outcome, String message) {
        return base().phase(Reasons.RETRYING)
                .attemptRecords(ended(attempt, pod, outcome, message))
                .conditions(conditions(
                        begunSay(),
                        Say.no(Reasons.RETRYING, "attempt %d failed, %s: %s".formatted(attempt, outcome, message)),
                        noFailure()))
                .build();
    }

    private List<AttemptRecord> ended(int attempt, @Nullable PodFacts pod, String outcome, @Nullable String message) {
        return Attempts.with(
                before,
                attempt,
                entry -> new AttemptRecord(
                        attempt,
                        pod == null ? entry.podName() : pod.name(),
                        pod == null ? entry.podUid() : pod.uid(),
                        pod == null ? entry.nodeName() : pod.node(),
                        entry.startTime(),
                        Times.format(now),
                        outcome,
                        Texts.cutOrNull(message, 512)));
    }

    /** An attempt brought its result. */
    SandboxJobStatus finished(
            PodFacts pod,
            SandboxResult believed,
            @Nullable RunnerOutput details,
            @Nullable String store,
            List<OutputFile> files) {
        SandboxResult whole = whole(believed, details);
        boolean platform = believed.verdict() == Verdict.InternalError;
        String sentence = sentence(whole.reasons());
        String text = sentence.isEmpty() ? verdictText(believed) : sentence;
        return base().phase(platform ? "Failed" : "Finished")
                .queuePosition(null)
                .verdict(believed.verdict())
                .reasons(Bounded.reasons(whole.reasons()))
                .exitCode(exitCode(believed.exitCode()))
                .signal(Texts.cutOrNull(believed.signal(), 16))
                .limitsHit(Bounded.limitsHit(whole.limitsHit()))
                .usage(usage(whole.usage(), details))
                .controls(Bounded.controls(whole.controls()))
                .output(output(whole.output(), details, store))
                .outputs(Bounded.files(files))
                .podName(pod.name())
                .completionTime(Times.format(now))
                .attemptRecords(ended(pod.attempt(), pod, Reasons.FINISHED, null))
                .conditions(
                        platform
                                ? conditions(
                                        begunSay(),
                                        Say.no(Reasons.JOB_FAILED, "there is no verdict about the guest"),
                                        Say.yes(Reasons.INTERNAL_ERROR, text))
                                : conditions(
                                        begunSay(), Say.yes(believed.verdict().name(), text), noFailure()))
                .build();
    }

    /** The same where the API server refuses what the runner said: the verdict alone, so that the job ends. */
    SandboxJobStatus finishedBare(PodFacts pod, SandboxResult believed) {
        String why = "the API server refused what the runner said beside the verdict; it is left out";
        boolean platform = believed.verdict() == Verdict.InternalError;
        return base().phase(platform ? "Failed" : "Finished")
                .queuePosition(null)
                .verdict(believed.verdict())
                .reasons(List.of(Reason.of("DetailsRefused", why)))
                .exitCode(exitCode(believed.exitCode()))
                .podName(pod.name())
                .completionTime(Times.format(now))
                .attemptRecords(ended(pod.attempt(), pod, Reasons.FINISHED, null))
                .conditions(
                        platform
                                ? conditions(
                                        begunSay(),
                                        Say.no(Reasons.JOB_FAILED, "there is no verdict about the guest"),
                                        Say.yes(Reasons.INTERNAL_ERROR, why))
                                : conditions(
                                        begunSay(), Say.yes(believed.verdict().name(), why), noFailure()))
                .build();
    }

    /** The same where the namespace takes no result store. */
    SandboxJobStatus withoutStore(
            PodFacts pod, SandboxResult believed, RunnerOutput details, String why, List<OutputFile> files) {
        RunnerOutput unstored = new RunnerOutput(
                details.result(),
                details.guestStarted(),
                details.series(),
                details.stdout(),
                details.stderr(),
                details.files(),
                "there is no result store: " + why);
        List<OutputFile> lost = files.stream()
                .map(file -> new OutputFile(
                        file.path(), file.bytes(), file.sha256(), false, null, "there is no result store"))
                .toList();
        return finished(pod, believed, unstored, null, lost);
    }

    /** The job was cancelled, and no result will come. */
    SandboxJobStatus cancelled() {
        int attempt = Attempts.begun(before);
        String text = attempt == 0 ? "cancelled before it started" : "cancelled; the guest was ended";
        return base().phase("Finished")
                .queuePosition(null)
                .verdict(Verdict.Cancelled)
                .reasons(List.of(Reason.of("CancelRequested", "spec.cancel is true")))
                .completionTime(Times.format(now))
                .attemptRecords(
                        attempt == 0 || Attempts.hasEnded(before, attempt)
                                ? before.attemptRecords()
                                : ended(attempt, null, Verdict.Cancelled.name(), null))
                .conditions(conditions(
                        attempt == 0 ? Say.no(Verdict.Cancelled.name(), text) : begunSay(),
                        Say.yes(Verdict.Cancelled.name(), text),
                        noFailure()))
                .build();
    }

    /** No attempt is left. */
    SandboxJobStatus gaveUp(String message) {
        return base().phase("Failed")
                .verdict(Verdict.InternalError)
                .reasons(List.of(new Reason(Reasons.ATTEMPTS_EXHAUSTED, Texts.cut(message, 512), null, null, null)))
                .completionTime(Times.format(now))
                .conditions(conditions(
                        begunSay(),
                        Say.no(Reasons.JOB_FAILED, "there is no verdict about the guest"),
                        Say.yes(Reasons.ATTEMPTS_EXHAUSTED, message)))
                .build();
    }

    private SandboxJobStatus.Builder base() {
        return before.toBuilder().observedGeneration(generation);
    }

    private List<io.fabric8.kubernetes.api.model.Condition> conditions(Say started, Say complete, Say failed) {
        return Conditions.of(before, generation, now, started, complete, failed, namespace);
    }

    private static Say begunSay() {
        return Say.yes(Reasons.ATTEMPT_BEGUN, "the spec is frozen");
    }

    private static Say noFailure() {
        return Say.no(Reasons.NO_FAILURE, "the infrastructure has not failed the job");
    }

    /** The details come from the log's result where it says the same as the believed one. */
    private static SandboxResult whole(SandboxResult believed, @Nullable RunnerOutput details) {
        SandboxResult logged = details == null ? null : details.result();
        return logged != null
                        && Objects.equals(logged.jobUid(), believed.jobUid())
                        && logged.attempt() == believed.attempt()
                        && logged.verdict() == believed.verdict()
                        && Objects.equals(logged.exitCode(), believed.exitCode())
                ? logged
                : believed;
    }

    private static String verdictText(SandboxResult result) {
        if (result.exitCode() != null) {
            return "the guest exited with code " + result.exitCode();
        }
        return result.signal() == null ? "the guest ended" : "the guest was ended by " + result.signal();
    }

    /** A chain of reasons in one line. */
    static String sentence(List<Reason> reasons) {
        return reasons.stream()
                .map(reason -> reason.message() == null ? String.valueOf(reason.code()) : reason.message())
                .collect(Collectors.joining("; "));
    }

    private static @Nullable Integer exitCode(@Nullable Integer code) {
        return code == null ? null : Math.clamp(code, 0, 255);
    }

    private static @Nullable Usage usage(@Nullable Usage usage, @Nullable RunnerOutput details) {
        if (usage == null) {
            return null;
        }
        List<UsageSample> series = usage.series().isEmpty() && details != null ? details.series() : usage.series();
        return Bounded.usage(usage, series);
    }

    private static Output output(@Nullable Output output, @Nullable RunnerOutput details, @Nullable String store) {
        Output known = output == null ? new Output(null, null, null, null) : output;
        String missing = details == null ? "the pod's log was not read" : details.missing();
        return new Output(
                stream(known.stdout(), details == null ? null : details.stdout()),
                stream(known.stderr(), details == null ? null : details.stderr()),
                details == null ? null : store,
                Texts.cutOrNull(missing == null ? known.message() : missing, 512));
    }

    private static @Nullable StreamOutput stream(@Nullable StreamOutput counts, byte @Nullable [] tail) {
        if (counts == null && tail == null) {
            return null;
        }
        String text =
                tail != null && tail.length > 0 ? TerminalText.escape(tail) : counts == null ? null : counts.tail();
        return new StreamOutput(
                text == null ? null : Texts.last(text, TAIL),
                counts == null ? null : Bounded.count(counts.bytes()),
                counts == null ? null : counts.truncated());
    }
}
