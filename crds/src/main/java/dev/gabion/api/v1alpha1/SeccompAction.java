// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

/** What a profile answers to a system call, in the words of the OCI runtime specification. */
public enum SeccompAction {
    SCMP_ACT_ALLOW,
    /** Refused with an error number. */
    SCMP_ACT_ERRNO,
    /** A violation: the call never returns, the guest ends, the verdict names the call. */
    SCMP_ACT_NOTIFY
}
