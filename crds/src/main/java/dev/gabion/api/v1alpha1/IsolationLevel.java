// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

/** How far the guest is shut in. */
public enum IsolationLevel {
    /** The pod's own walls only: for clusters whose pods may not create user namespaces. */
    Pod,
    /** The pod, and inside it new namespaces, an own root, an own system-call filter. The default. */
    Process
}
