// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;

/** The operator. */
@QuarkusMain
public final class Main {
    private Main() {}

    public static void main(String... arguments) {
        try {
            OperatorSettings.from(System.getenv());
        } catch (IllegalArgumentException wrong) {
            System.err.println("operator: " + wrong.getMessage());
            System.exit(64); // EX_USAGE of sysexits.h
        }
        Quarkus.run(arguments);
    }
}
