// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.generate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Generated files under version control are what the types say. {@code make crds} writes them anew: it runs this test
 * with {@code -Dgabion.update=true}.
 */
class GeneratedFilesTest {
    private static final Path ROOT = Path.of(System.getProperty("gabion.root", ".."));

    @TestFactory
    Stream<DynamicTest> committedFilesAreUpToDate() {
        Map<Path, String> generated = new TreeMap<>();
        CrdGeneration.generate().forEach((name, text) -> generated.put(Path.of("crds", name), text));
        ReferenceGeneration.generate().forEach((name, text) -> generated.put(Path.of("docs", "reference", name), text));
        return generated.entrySet().stream()
                .map(file ->
                        DynamicTest.dynamicTest(file.getKey().toString(), () -> check(file.getKey(), file.getValue())));
    }

    private static void check(Path file, String text) throws IOException {
        Path target = ROOT.resolve(file);
        if (Boolean.getBoolean("gabion.update")) {
            Files.createDirectories(target.toAbsolutePath().getParent());
            Files.writeString(target, text);
        }
        assertThat(target)
                .as("%s is generated: run `make crds` and commit it", file)
                .exists();
        assertThat(Files.readString(target))
                .as("%s is not what the Java types say: run `make crds` and commit it", file)
                .isEqualTo(text);
    }
}
