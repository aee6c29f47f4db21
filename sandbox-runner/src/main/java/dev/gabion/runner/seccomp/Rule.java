// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner.seccomp;

import java.util.List;

/** One entry of a profile: for these calls, when all tests hold, this answer. */
public record Rule(List<String> names, Action action, List<ArgTest> tests) {
    public Rule {
        names = List.copyOf(names);
        tests = List.copyOf(tests);
    }
}
