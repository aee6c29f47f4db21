// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

/** A wall around the guest. Each is proven by a probe from inside before the guest starts. */
public enum ControlName {
    /** The guest is in a user namespace of its own. */
    UserNamespace,
    /** The guest sees no process but its own. */
    PidNamespace,
    /** The guest has a mount table of its own. */
    MountNamespace,
    /** The guest has a network namespace of its own. */
    NetworkNamespace,
    /** The guest shares no System V or POSIX IPC with others. */
    IpcNamespace,
    /** The guest has a host name of its own. */
    UtsNamespace,
    /** Nothing outside the work directory can be written. */
    ReadOnlyRoot,
    /** No program the guest starts gains rights by being started. */
    NoNewPrivileges,
    /** All capability sets of the guest are empty. */
    NoCapabilities,
    /** The guest's own system-call filter is active. */
    Seccomp,
    /** The pod's system-call filter is active. */
    PodSeccomp,
    /** The kernel's Landlock confines the guest's files. */
    Landlock,
    /** The process limits are set. */
    ResourceLimits,
    /** The guest's memory is a cgroup's, not only watched. */
    CgroupMemory,
    /** The guest has no network interface that is up, and no route. */
    NoNetworkInterface,
    /** The cluster enforces the default-deny NetworkPolicy on the pod. */
    NetworkPolicy,
    /** The API server cannot be reached from the pod. */
    NoApiServer,
    /** The cluster's DNS cannot be reached from the pod. */
    NoClusterDns,
    /** The pod has no service-account token. */
    NoServiceAccountToken,
    /** The guest sees no /proc but its own, if any. */
    ProcHidden,
    /** The pod's uids are mapped into a range of its own on the node. */
    UidMap
}
