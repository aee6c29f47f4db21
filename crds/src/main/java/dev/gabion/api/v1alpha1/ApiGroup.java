// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

/** Names every part of the platform must agree on. */
public final class ApiGroup {
    /** The API group. */
    public static final String GROUP = "gabion.dev";

    /** The one version of it so far. */
    public static final String VERSION = "v1alpha1";

    /** Label on everything made for a job: the job's name, shortened with a hash where it exceeds 63 characters. */
    public static final String JOB_LABEL = "gabion.dev/job";

    /** Label a Secret must carry, with the value {@code "true"}, before a job may name it as its source. */
    public static final String SANDBOX_SOURCE_LABEL = "gabion.dev/sandbox-source";

    /** Finalizer on a job's pod: the pod stays readable until its result is in the job's status. */
    public static final String RESULT_FINALIZER = "gabion.dev/result";

    /** Value of {@code app.kubernetes.io/managed-by} on everything the operator makes. */
    public static final String MANAGED_BY = "gabion";

    private ApiGroup() {}
}
