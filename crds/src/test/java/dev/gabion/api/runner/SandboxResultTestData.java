// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.runner;

import dev.gabion.api.v1alpha1.Verdict;

final class SandboxResultTestData {
    static SandboxResult ok(String uid, int attempt) {
        return new SandboxResult(
                uid, attempt, Verdict.OK, null, 0, null, null, null, null, null, null, null, null, null);
    }

    private SandboxResultTestData() {}
}
