// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.v1alpha1.Verdict;
import org.junit.jupiter.api.Test;

/** One real guest per verdict, limit and way out. */
class EngineIT {

    @Test
    void aPythonProgramRunsToOk() {
        Jobs.Run run = Jobs.python("print('hello')").run();

        assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.OK);
        assertThat(run.result().exitCode()).isZero();
        assertThat(run.stdout()).isEqualTo("hello\n");
    }
}
