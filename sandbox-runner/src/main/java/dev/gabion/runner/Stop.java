// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

/** Why the engine ended the guest. */
public enum Stop {
    /** It did not: the guest ended by itself, or the launcher ended it for a violation. */
    NONE,
    CANCELLED,
    OUTPUT,
    MEMORY,
    SCRATCH,
    CPU_TIME,
    WALL_TIME
}
