// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import java.util.Set;

/**
 * Every reason of the conditions and of an attempt's outcome; each is described in docs/controller-flow/sandboxjob.md,
 * and a test fails if one is not.
 */
final class Reasons {
    // Started=False, Complete=False: the job waits for something.

    static final String QUEUED = "Queued";
    static final String SUSPENDED = "Suspended";
    static final String RUNTIME_NOT_FOUND = "RuntimeNotFound";
    static final String LIMIT_REFUSED = "LimitRefused";
    static final String PROFILE_NOT_ALLOWED = "ProfileNotAllowed";
    static final String PROFILE_NOT_FOUND = "ProfileNotFound";
    static final String PROFILE_INVALID = "ProfileInvalid";
    static final String SOURCE_NOT_FOUND = "SourceNotFound";
    static final String SOURCE_TOO_LARGE = "SourceTooLarge";
    static final String SECRET_NOT_LABELLED = "SecretNotLabelled";
    static final String SECRET_NOT_READABLE = "SecretNotReadable";

    // Started=True.

    static final String ATTEMPT_BEGUN = "AttemptBegun";

    // Complete=False while an attempt is under way.

    static final String STARTING = "Starting";
    static final String UNSCHEDULABLE = "Unschedulable";
    static final String IMAGE_UNAVAILABLE = "ImageUnavailable";
    static final String PROFILE_MISSING = "ProfileMissing";
    static final String CONTAINER_NOT_STARTED = "ContainerNotStarted";
    static final String NAMESPACE_NOT_READY = "NamespaceNotReady";
    static final String RUNTIME_CLASS_NOT_FOUND = "RuntimeClassNotFound";
    static final String QUOTA_EXCEEDED = "QuotaExceeded";
    static final String RUNNING = "Running";
    static final String ENDING = "Ending";
    static final String RETRYING = "Retrying";

    // Why an attempt failed.

    static final String POD_DELETED = "PodDeleted";
    static final String EVICTED = "Evicted";
    static final String PREEMPTED = "Preempted";
    static final String NODE_LOST = "NodeLost";
    static final String NODE_SHUTDOWN = "NodeShutdown";
    static final String RUNNER_KILLED = "RunnerKilled";
    static final String RUNNER_OUT_OF_MEMORY = "RunnerOutOfMemory";
    static final String RUNNER_FAILED = "RunnerFailed";
    static final String RUNNER_OVERDUE = "RunnerOverdue";

    /** Every outcome of an attempt that the infrastructure failed. */
    static final Set<String> ATTEMPT_FAILURES = Set.of(
            POD_DELETED,
            EVICTED,
            PREEMPTED,
            NODE_LOST,
            NODE_SHUTDOWN,
            RUNNER_KILLED,
            RUNNER_OUT_OF_MEMORY,
            RUNNER_FAILED,
            RUNNER_OVERDUE,
            IMAGE_UNAVAILABLE,
            PROFILE_MISSING,
            CONTAINER_NOT_STARTED);

    /** An attempt's outcome where it brought the result. */
    static final String FINISHED = "Finished";

    // The end: Complete=True has the verdict as its reason, Failed=True one of these.

    static final String ATTEMPTS_EXHAUSTED = "AttemptsExhausted";
    static final String INTERNAL_ERROR = "InternalError";

    // Failed=False, and the other condition once one of them is True.

    static final String NO_FAILURE = "NoFailure";
    static final String JOB_FAILED = "JobFailed";
    static final String NOT_STARTED = "NotStarted";

    // NamespaceReady.

    static final String POD_SECURITY_ENFORCED = "PodSecurityEnforced";
    static final String POD_SECURITY_NOT_ENFORCED = "PodSecurityNotEnforced";
    static final String NAMESPACE_NOT_READABLE = "NamespaceNotReadable";

    private Reasons() {}
}
