// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli;

import dev.gabion.api.v1alpha1.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * The codes {@code gabion} ends with. After {@code gabion run} it is the guest's own code for the verdicts OK and
 * NonZeroExit; the codes below stay clear of those a shell gives (126, 127) and of 128 + signal.
 */
public final class ExitCode {
    /** Everything as asked. */
    public static final int OK = 0;

    /** The command did its work and has something to say: a layer is missing, a job did not end with OK. */
    public static final int FINDING = 1;

    /** The platform failed, not the guest. */
    public static final int INTERNAL_ERROR = 110;

    /** The command line or an input file is wrong; what is allowed is in the message. */
    public static final int USAGE = 120;

    /** The cluster did not answer, or refused. */
    public static final int CLUSTER = 121;

    /** The work was done, and what came of it could not be written where it was to go. */
    public static final int NOT_WRITTEN = 122;

    /** A signal ended the guest: this plus the signal's number, as a shell does. */
    public static final int SIGNAL_BASE = 128;

    /** The code for a verdict. */
    public static int of(Verdict verdict, @Nullable Integer exitCode, @Nullable String signal) {
        return switch (verdict) {
            case OK -> OK;
            case NonZeroExit -> exitCode == null ? FINDING : exitCode;
            case InternalError -> INTERNAL_ERROR;
            case CpuTimeExceeded -> 111;
            case WallTimeExceeded -> 112;
            case MemoryExceeded -> 113;
            case OutputExceeded -> 114;
            case ProcessLimitExceeded -> 115;
            case FileSizeExceeded -> 116;
            case SecurityViolation -> 117;
            case CompileError -> 118;
            case Cancelled -> 119;
            case Signalled -> SIGNAL_BASE + (signal == null ? 0 : Signals.number(signal));
        };
    }

    private ExitCode() {}
}
