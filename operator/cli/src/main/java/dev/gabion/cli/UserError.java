// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli;

/** Something the user can put right. Its message is shown as it is, without a stack trace. */
public final class UserError extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    /** An error in the command line or in an input file. */
    public UserError(String message) {
        this(message, ExitCode.USAGE);
    }

    /** An error that ends the program with this code. */
    public UserError(String message, int exitCode) {
        super(message);
        this.exitCode = exitCode;
    }

    /** The code the program ends with. */
    public int exitCode() {
        return exitCode;
    }
}
