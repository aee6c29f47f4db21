// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.runner.SandboxResult;
import dev.gabion.api.v1alpha1.OutputFile;
import dev.gabion.api.v1alpha1.Verdict;
import dev.gabion.operator.sandboxjob.ResultRenderer.Stored;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class ResultRendererTest {
    @Test
    void keepsFilesUnderKeysAndSaysWhichItDidNotKeep() {
        SandboxResult result = withFiles("out/a b.txt", "gone.txt", "large.bin");
        RunnerOutput output = new RunnerOutput(
                result,
                true,
                List.of(),
                FakeKubelet.bytes("hello"),
                null,
                Map.of("out/a b.txt", FakeKubelet.bytes("kept"), "large.bin", new byte[ResultRenderer.ROOM]),
                null);

        Stored stored = ResultRenderer.desired(TestJobs.job(UnaryOperator.identity()), result, output);

        assertThat(stored.store().getMetadata().getName()).isEqualTo("hello-result");
        assertThat(stored.store().getBinaryData()).containsOnlyKeys("output-0", "stdout");
        assertThat(stored.files()).extracting(OutputFile::stored).containsExactly(true, false, false);
        assertThat(stored.files().get(0).key()).isEqualTo("output-0");
        assertThat(stored.files().get(1).message()).isEqualTo("its content did not arrive");
        assertThat(stored.files().get(2).message()).contains("the result store is full; it holds 768 KiB");
    }

    @Test
    void withoutALogThereAreNoFiles() {
        SandboxResult result = withFiles("a");

        Stored stored = ResultRenderer.desired(TestJobs.job(UnaryOperator.identity()), result, null);

        assertThat(stored.files()).singleElement().satisfies(file -> assertThat(file.stored())
                .isFalse());
    }

    private static SandboxResult withFiles(String... paths) {
        return new SandboxResult(
                TestJobs.UID,
                1,
                Verdict.OK,
                List.of(),
                0,
                null,
                List.of(),
                null,
                List.of(),
                null,
                java.util.Arrays.stream(paths)
                        .map(path -> new OutputFile(path, 4L, "00", null, null, null))
                        .toList(),
                null,
                null,
                null);
    }
}
