// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.e2e.harness;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** What a test on the cluster shows, for people. docs/e2e-scenarios.md is rendered from these. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Scenario {
    /** A sentence that is true when the test passes. */
    String name();

    /** What is done, in order. */
    String[] steps();

    /** What must be seen. */
    String[] expected();
}
