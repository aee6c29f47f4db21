// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class TableTest {
    @Test
    void columnsAreAsWideAsTheirWidestCell() {
        Table table = new Table()
                .column("NAME", Table.Side.LEFT)
                .column("CPU", Table.Side.RIGHT)
                .column("OUTPUT", Table.Side.LEFT)
                .row(List.of("a", "1.24 s", "hello"))
                .row(List.of("größer", "9 ms", ""));

        assertThat(table.lines())
                .containsExactly(
                        "NAME       CPU  OUTPUT", //
                        "a       1.24 s  hello",
                        "größer    9 ms");
    }

    @Test
    void aRowOfAnotherLengthIsAnError() {
        Table table = new Table().column("A", Table.Side.LEFT);
        assertThatThrownBy(() -> table.row(List.of("1", "2"))).isInstanceOf(IllegalArgumentException.class);
    }
}
