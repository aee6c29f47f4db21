// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.api.runner.SandboxResult;
import dev.gabion.api.v1alpha1.ConditionTypes;
import dev.gabion.api.v1alpha1.IsolationLevel;
import dev.gabion.api.v1alpha1.LimitHit;
import dev.gabion.api.v1alpha1.Reason;
import dev.gabion.api.v1alpha1.ResolvedLimits;
import dev.gabion.api.v1alpha1.SandboxJobSpec;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
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
import dev.gabion.operator.sandboxjob.TerminationMessage.Believed;
import dev.gabion.operator.sandboxjob.TerminationMessage.Refused;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * What to do next with a job: a pure function of what was observed and the time. The state table in
 * docs/controller-flow/sandboxjob.md follows its order.
 */
final class Decisions {

    /** How long a terminating pod may outlive its grace period before its node counts as lost. */
    private static final Duration TERMINATION_MARGIN = Duration.ofSeconds(20);

    private static final Duration FIRST_BACKOFF = Duration.ofSeconds(2);
    private static final Duration LONGEST_BACKOFF = Duration.ofMinutes(1);

    /** Codes (the runner's words) of an InternalError that another attempt would only repeat. */
    static final Set<String> LASTING_ERRORS = Set.of("ControlAbsent", "InvalidPlan");

    private static final Set<String> IMAGE_REASONS =
            Set.of("ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "ImageInspectError");

    private final Observation seen;
    private final SandboxJobSpec spec;
    private final SandboxJobStatus status;
    private final Instant now;
    private final OperatorSettings settings;

    private Decisions(Observation seen, Instant now, OperatorSettings settings) {
        this.seen = seen;
        this.spec = seen.job().getSpec();
        this.status = seen.status();
        this.now = now;
        this.settings = settings;
    }

    /** Decides. */
    static Decision decide(Observation seen, Instant now, OperatorSettings settings) {
        return new Decisions(seen, now, settings).decide();
    }

    private Decision decide() {
        if (Conditions.isFinished(status)) {
            return afterTheEnd();
        }
        int attempt = Attempts.begun(status);
        if (attempt == 0) {
            return beforeFirst();
        }
        if (Attempts.hasEnded(status, attempt)) {
            return betweenAttempts(attempt);
        }
        return seen.pod(attempt).map(pod -> during(attempt, pod)).orElseGet(() -> withoutPod(attempt));
    }

    // After the end: nothing about the verdict changes any more.

    private Decision afterTheEnd() {
        List<PodFacts> held = seen.pods().stream().filter(PodFacts::held).toList();
        if (!held.isEmpty()) {
            return new Release(held);
        }
        Integer ttl = spec.ttlSecondsAfterFinished();
        Instant ended = Times.parse(status.completionTime());
        if (ttl == null || ended == null) {
            return new Settled(null);
        }
        Instant expiry = ended.plusSeconds(ttl);
        return now.isBefore(expiry) ? new Settled(expiry) : new Expire();
    }

    // Before an attempt.

    private Decision beforeFirst() {
        if (spec.isCancelled()) {
            return new EndCancelled();
        }
        return begin(1);
    }

    private Decision betweenAttempts(int last) {
        List<PodFacts> left = seen.pods().stream()
                .filter(pod -> pod.held() || !pod.deleting())
                .toList();
        if (!left.isEmpty()) {
            return new Release(left);
        }
        if (spec.isCancelled()) {
            return new EndCancelled();
        }
        if (last >= spec.maxAttemptsOrDefault()) {
            return new GiveUp("%d of %d attempts failed, the last one: %s"
                    .formatted(last, spec.maxAttemptsOrDefault(), Attempts.outcome(status, last)));
        }
        Instant earliest = Attempts.endedAt(status, last).plus(backoff(last));
        if (now.isBefore(earliest)) {
            return new Hold(
                    Reasons.RETRYING,
                    "attempt %d failed (%s); the next begins in a moment"
                            .formatted(last, Attempts.outcome(status, last)),
                    Duration.between(now, earliest));
        }
        return begin(last + 1);
    }

    private static Duration backoff(int failures) {
        Duration backoff = FIRST_BACKOFF.multipliedBy(1L << Math.min(failures - 1, 10));
        return backoff.compareTo(LONGEST_BACKOFF) < 0 ? backoff : LONGEST_BACKOFF;
    }

    private Decision begin(int attempt) {
        if (spec.isSuspended()) {
            return new Hold(
                    Reasons.SUSPENDED,
                    "spec.suspend is true; set it to false to let the job go on",
                    settings.recheck());
        }
        if (seen.source() != null) {
            return new Hold(seen.source().reason(), seen.source().message(), settings.recheck());
        }
        return switch (Validation.check(seen.job(), seen.runtime())) {
            case Validation.Outcome.Invalid(var problem) ->
                new Hold(problem.reason(), problem.message(), settings.recheck());
            case Validation.Outcome.Valid(var runtime, var limits) -> new Begin(attempt, runtime, limits);
        };
    }

    // An attempt was announced, and its pod is not there.

    private Decision withoutPod(int attempt) {
        if (spec.isCancelled()) {
            return new EndCancelled();
        }
        if (Attempts.podUid(status, attempt) != null) {
            return new FailAttempt(
                    null, attempt, Reasons.POD_DELETED, "the pod vanished, its finalizer removed by somebody else");
        }
        // Announced, and then interrupted before the pod was made: go on where it stopped.
        return switch (Validation.check(seen.job(), seen.runtime())) {
            case Validation.Outcome.Invalid(var problem) ->
                new Hold(problem.reason(), problem.message(), settings.recheck());
            case Validation.Outcome.Valid(var runtime, var limits) -> new Begin(attempt, runtime, announced(limits));
        };
    }

    /** The limits that the status promised, though the runtime's defaults changed since; the plan may be made already. */
    private ResolvedLimits announced(ResolvedLimits resolved) {
        ResolvedLimits promised = status.effectiveLimits();
        if (promised == null) {
            return resolved;
        }
        // A compile step that came or went needs, or has no, limits of its own.
        return (promised.compile() == null) == (resolved.compile() == null) ? promised : resolved;
    }

    // An attempt has a pod.

    private Decision during(int attempt, PodFacts pod) {
        if (pod.ended()) {
            return ended(attempt, pod);
        }
        if (pod.deleting()) {
            return terminating(attempt, pod);
        }
        if (spec.isCancelled()) {
            return new Stop(pod, Reasons.ENDING, "spec.cancel is true; the guest is being ended");
        }
        return switch (pod.container()) {
            case Container.Running(var since) -> running(pod, since);
            case Container.Waiting(var reason, var message) -> waiting(attempt, pod, reason, message);
            case Container.None none -> waiting(attempt, pod, null, null);
            case Container.Terminated terminated -> throw new IllegalStateException("ended() says so");
        };
    }

    private Decision running(PodFacts pod, Instant since) {
        ResolvedLimits limits = status.effectiveLimits();
        Instant latest = limits == null
                ? Instant.MAX
                : since.plusMillis(limits.wallTimeMilliseconds())
                        .plusMillis(
                                limits.compile() == null ? 0 : limits.compile().wallTimeMilliseconds())
                        .plus(settings.runMargin());
        if (!now.isBefore(latest)) {
            return new Stop(
                    pod,
                    Reasons.RUNNER_OVERDUE,
                    "the runner lives longer than all the job's limits and %d s more; it is being ended"
                            .formatted(settings.runMargin().toSeconds()));
        }
        return new Await(pod, Reasons.RUNNING, "pod %s runs on node %s".formatted(pod.name(), pod.node()), latest);
    }

    private Decision waiting(int attempt, PodFacts pod, @Nullable String reason, @Nullable String message) {
        if (pod.scheduledAt() == null) {
            // A pod without a node waits for room as the job did in its queue, as long as it takes.
            return pod.unschedulable() == null
                    ? starting(pod)
                    : new Await(
                            pod,
                            Reasons.UNSCHEDULABLE,
                            "no node takes pod %s: %s".formatted(pod.name(), pod.unschedulable()),
                            Instant.MAX);
        }
        boolean image = reason != null && IMAGE_REASONS.contains(reason);
        Instant latest = pod.scheduledAt().plus(image ? settings.imageDeadline() : settings.startDeadline());
        if (image) {
            String text = "node %s cannot get the image: %s".formatted(pod.node(), PodEnd.text(reason, message));
            return now.isBefore(latest)
                    ? new Await(pod, Reasons.IMAGE_UNAVAILABLE, text, latest)
                    : new FailAttempt(pod, attempt, Reasons.IMAGE_UNAVAILABLE, text);
        }
        boolean plain = reason == null || reason.equals("ContainerCreating") || reason.equals("PodInitializing");
        boolean profile = !plain && message != null && message.contains("seccomp");
        String code = plain || !profile ? Reasons.CONTAINER_NOT_STARTED : Reasons.PROFILE_MISSING;
        String text = profile
                ? ("node %s does not have the seccomp profile %s yet; the gabion-profiles DaemonSet puts it there, and the"
                                + " kubelet tries again")
                        .formatted(pod.node(), settings.podSeccompProfile())
                : "node %s has not started the container: %s".formatted(pod.node(), PodEnd.text(reason, message));
        if (!now.isBefore(latest)) {
            return new FailAttempt(pod, attempt, code, text);
        }
        return plain ? starting(pod, latest) : new Await(pod, code, text, latest);
    }

    private static Await starting(PodFacts pod) {
        return starting(pod, Instant.MAX);
    }

    private static Await starting(PodFacts pod, Instant latest) {
        return new Await(pod, Reasons.STARTING, Await.starting(pod.attempt(), pod.name()), latest);
    }

    private Decision terminating(int attempt, PodFacts pod) {
        Instant deleted = Optional.ofNullable(pod.deletedAt()).orElse(now);
        Instant latest = pod.nodeLost() ? deleted : deleted.plus(TERMINATION_MARGIN);
        if (now.isBefore(latest)) {
            return new Await(
                    pod,
                    stoppedAsOverdue() ? Reasons.RUNNER_OVERDUE : Reasons.ENDING,
                    "pod %s is being ended".formatted(pod.name()),
                    latest);
        }
        // Its node does not answer. It may still run there; what it says later is of an old attempt and is refused.
        return spec.isCancelled()
                ? new EndCancelled()
                : new FailAttempt(
                        pod,
                        attempt,
                        Reasons.NODE_LOST,
                        "node %s does not confirm the end of pod %s".formatted(pod.node(), pod.name()));
    }

    // An attempt's pod has ended.

    private Decision ended(int attempt, PodFacts pod) {
        Container.Terminated container = pod.container() instanceof Container.Terminated terminated ? terminated : null;
        TerminationMessage message = TerminationMessage.read(
                container == null ? null : container.message(),
                seen.job().getMetadata().getUid(),
                attempt);
        return switch (message) {
            case Believed(var result)
            when result.verdict() == Verdict.Cancelled && !spec.isCancelled() ->
                // The runner was told to end by somebody else than the job's owner.
                fromOutside(
                        attempt,
                        pod,
                        new FailAttempt(
                                pod, attempt, cause(pod), "the pod was ended from outside; " + PodEnd.describe(pod)));
            case Believed(var result) -> believed(attempt, pod, result);
            case Refused(var why) -> withoutResult(attempt, pod, why);
        };
    }

    private Decision believed(int attempt, PodFacts pod, SandboxResult result) {
        if (result.verdict() == Verdict.InternalError
                && !spec.isCancelled()
                && attempt < spec.maxAttemptsOrDefault()
                && result.reasons().stream().map(Reason::code).noneMatch(LASTING_ERRORS::contains)) {
            return new FailAttempt(pod, attempt, Reasons.RUNNER_FAILED, StatusFactory.sentence(result.reasons()));
        }
        return new Adopt(pod, result, seen.output());
    }

    private Decision withoutResult(int attempt, PodFacts pod, String why) {
        if (spec.isCancelled()) {
            return new EndCancelled();
        }
        if (pod.container() instanceof Container.Terminated terminated && "OOMKilled".equals(terminated.reason())) {
            return outOfMemory(attempt, pod);
        }
        return fromOutside(attempt, pod, new FailAttempt(pod, attempt, cause(pod), PodEnd.describe(pod) + "; " + why));
    }

    /** A pod that was ended by somebody else: a failed attempt, unless it is the guest's doing or yet to be explained. */
    private Decision fromOutside(int attempt, PodFacts pod, FailAttempt failed) {
        if (outgrewScratch(pod)) {
            return overLimit(
                    attempt,
                    pod,
                    Verdict.FileSizeExceeded,
                    Reason.of(
                            "ScratchSizeExceeded",
                            "the kubelet ended the pod because the work directory outgrew its size"),
                    "scratchSize",
                    ResolvedLimits::scratchSizeBytes,
                    null,
                    failed);
        }
        return PodEnd.explanationDue(pod, now)
                .<Decision>map(due -> new Await(
                        pod,
                        Reasons.ENDING,
                        "the runner of pod %s has ended; its node is yet to say why".formatted(pod.name()),
                        due))
                .orElse(failed);
    }

    /** At level Pod the work directory is a volume, and the kubelet ends the pod of a guest that fills it. */
    private boolean outgrewScratch(PodFacts pod) {
        return spec.isolationOrDefault().levelOrDefault() == IsolationLevel.Pod
                && PodEnd.outgrewVolume(pod, PodRenderer.SCRATCH);
    }

    /** What the guest is to blame for and no runner could say any more. */
    private Decision overLimit(
            int attempt,
            PodFacts pod,
            Verdict verdict,
            Reason why,
            String limit,
            ToLongFunction<ResolvedLimits> bytes,
            @Nullable String signal,
            FailAttempt otherwise) {
        ResolvedLimits limits = status.effectiveLimits();
        if (limits == null) {
            return otherwise;
        }
        String allowed = bytes.applyAsLong(limits) + " bytes";
        SandboxResult result = new SandboxResult(
                seen.job().getMetadata().getUid(),
                attempt,
                verdict,
                List.of(new Reason(why.code(), why.message(), limit, allowed, null)),
                null,
                signal,
                List.of(new LimitHit(limit, allowed, null, null)),
                null,
                List.of(),
                null,
                List.of(),
                null,
                null,
                null);
        return new Adopt(pod, result, seen.output());
    }

    /**
     * The kernel killed the runner with its guest: the pod's cgroup is the job's, and the runner, who acts earlier,
     * came too late. The last resort; before the guest ran it was the runner's own memory.
     */
    private Decision outOfMemory(int attempt, PodFacts pod) {
        RunnerOutput output = seen.output();
        FailAttempt early = new FailAttempt(
                pod,
                attempt,
                Reasons.RUNNER_OUT_OF_MEMORY,
                "the kernel killed the runner for lack of memory before the guest ran");
        return output == null || !output.guestStarted()
                ? early
                : overLimit(
                        attempt,
                        pod,
                        Verdict.MemoryExceeded,
                        Reason.of(
                                "PodOutOfMemory",
                                "the kernel ended the pod for lack of memory, the runner with its guest"),
                        "memory",
                        ResolvedLimits::memoryBytes,
                        "SIGKILL",
                        early);
    }

    private String cause(PodFacts pod) {
        return stoppedAsOverdue() ? Reasons.RUNNER_OVERDUE : PodEnd.cause(pod);
    }

    /** The status says so before the pod is deleted for it. */
    private boolean stoppedAsOverdue() {
        return Conditions.reason(status, ConditionTypes.COMPLETE).equals(Reasons.RUNNER_OVERDUE);
    }
}
