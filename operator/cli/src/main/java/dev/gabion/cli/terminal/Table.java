// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.terminal;

import java.util.ArrayList;
import java.util.List;

/** A table in columns as wide as their widest cell. Columns of numbers stand to the right. */
public final class Table {
    /** On which side a column's cells stand. */
    public enum Side {
        LEFT,
        RIGHT
    }

    private static final String GAP = "  ";

    private final List<Side> sides = new ArrayList<>();
    private final List<List<String>> rows = new ArrayList<>();

    /** Columns, each with its head. */
    public Table column(String head, Side side) {
        if (rows.isEmpty()) {
            rows.add(new ArrayList<>());
        }
        rows.getFirst().add(head);
        sides.add(side);
        return this;
    }

    /** One more row, a cell for each column. */
    public Table row(List<String> cells) {
        if (cells.size() != sides.size()) {
            throw new IllegalArgumentException(cells.size() + " cells for " + sides.size() + " columns");
        }
        rows.add(List.copyOf(cells));
        return this;
    }

    /** The table's lines, without blanks at their ends. */
    public List<String> lines() {
        int[] widths = new int[sides.size()];
        for (List<String> row : rows) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], width(row.get(i)));
            }
        }
        List<String> lines = new ArrayList<>();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                String cell = row.get(i);
                String padding = " ".repeat(widths[i] - width(cell));
                line.append(i == 0 ? "" : GAP);
                line.append(sides.get(i) == Side.LEFT ? cell + padding : padding + cell);
            }
            lines.add(line.toString().stripTrailing());
        }
        return lines;
    }

    private static int width(String cell) {
        return cell.codePointCount(0, cell.length());
    }
}
