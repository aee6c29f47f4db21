// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

/** Types of the conditions in {@link SandboxJobStatus#conditions()}. All are set on the operator's first visit. */
public final class ConditionTypes {
    /** True once a pod was made for the job; from then on the spec is frozen. Never goes back to False. */
    public static final String STARTED = "Started";

    /** True when there is a verdict about the guest, whatever it is. */
    public static final String COMPLETE = "Complete";

    /** True when the job ended without a verdict about the guest, for a reason in the infrastructure. */
    public static final String FAILED = "Failed";

    /** True when the job's namespace held all its pods to Pod Security "restricted" as the last attempt began. */
    public static final String NAMESPACE_READY = "NamespaceReady";

    private ConditionTypes() {}
}
