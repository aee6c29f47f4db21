// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

/** How the guest ended. */
public enum Verdict {
    /** The guest exited with code 0. */
    OK,
    /** The guest exited with another code. */
    NonZeroExit,
    /** A signal ended the guest that no limit explains. */
    Signalled,
    /** The CPU time of the guest and its children ran out. */
    CpuTimeExceeded,
    /** The time on the wall ran out. */
    WallTimeExceeded,
    /** The guest met its memory limit. */
    MemoryExceeded,
    /** The guest wrote more than it may; the output is cut at the limit's byte. */
    OutputExceeded,
    /** The guest met its limit of processes and then ended badly. */
    ProcessLimitExceeded,
    /** The guest met its limit of file size and then ended badly. */
    FileSizeExceeded,
    /** The guest made a system call that ends it; the reason names the call. */
    SecurityViolation,
    /** The compile step failed; the output is the compiler's. */
    CompileError,
    /** The job was cancelled. */
    Cancelled,
    /** The platform failed, not the guest; the reason says how. */
    InternalError
}
