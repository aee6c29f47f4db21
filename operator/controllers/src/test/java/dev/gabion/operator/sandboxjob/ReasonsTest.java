// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.testing.LocalApiServer;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReasonsTest {
    @Test
    void everyReasonIsDocumentedAndPascalCase() throws IOException {
        String page = Files.readString(LocalApiServer.sourceRoot().resolve("docs/controller-flow/sandboxjob.md"));

        List<String> reasons = Arrays.stream(Reasons.class.getDeclaredFields())
                .filter(constant -> constant.getType() == String.class)
                .map(ReasonsTest::value)
                .toList();

        assertThat(reasons).hasSizeGreaterThan(30).allSatisfy(reason -> {
            assertThat(reason).matches("[A-Z][A-Za-z]+");
            assertThat(page).contains("`" + reason + "`");
        });
    }

    private static String value(Field constant) {
        try {
            return (String) constant.get(null);
        } catch (IllegalAccessException unexpected) {
            throw new AssertionError(unexpected);
        }
    }
}
