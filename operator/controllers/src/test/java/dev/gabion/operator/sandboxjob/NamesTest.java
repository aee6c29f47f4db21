// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NamesTest {
    private static final String LONG = "a".repeat(30) + "." + "b".repeat(200);

    @Test
    void anAttemptsNameIsTheSameEachTime() {
        assertThat(Names.attempt("hello", "uid-1", 1))
                .isEqualTo(Names.attempt("hello", "uid-1", 1))
                .matches("hello-[0-9a-f]{5}-1");
    }

    @Test
    void attemptsAndNamesakesDoNotMeet() {
        assertThat(Names.attempt("hello", "uid-1", 1)).isNotEqualTo(Names.attempt("hello", "uid-1", 2));
        assertThat(Names.attempt("hello", "uid-1", 1)).isNotEqualTo(Names.attempt("hello", "uid-2", 1));
    }

    @Test
    void longNamesFit() {
        assertThat(Names.attempt(LONG, "uid-1", 10))
                .hasSizeLessThanOrEqualTo(63)
                .matches("[a-z0-9]([-a-z0-9]*[a-z0-9])?");
        assertThat(Names.label(LONG)).hasSizeLessThanOrEqualTo(63).matches("[a-z0-9]([-a-z0-9.]*[a-z0-9])?");
        assertThat(Names.result("c".repeat(253))).hasSizeLessThanOrEqualTo(253).endsWith("-result");
        assertThat(Names.label(LONG)).isNotEqualTo(Names.label(LONG + "c"));
    }

    @Test
    void aCutDoesNotEndInADashOrDot() {
        String job = "a".repeat(54) + "-.-" + "b".repeat(20);

        assertThat(Names.attempt(job, "uid", 1))
                .matches("[a-z0-9]([-a-z0-9]*[a-z0-9])?")
                .doesNotContain("---");
    }
}
