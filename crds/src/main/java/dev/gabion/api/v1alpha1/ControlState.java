// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

/** What a probe found. */
public enum ControlState {
    /** The control is there. */
    Present,
    /** The control is not there. */
    Absent,
    /** The control makes no sense here, such as Landlock under gVisor. */
    NotApplicable,
    /** A policy is declared and the cluster enforces it. */
    Enforced,
    /** A policy is declared and the cluster does not enforce it. */
    NotEnforced,
    /** The probe could not tell. */
    Unknown
}
