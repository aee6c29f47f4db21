// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.terminal;

import dev.gabion.cli.value.Values;
import java.io.PrintStream;
import org.jspecify.annotations.Nullable;

/**
 * Shows that something goes on: on a terminal one line that is written over and over, elsewhere a whole line every ten
 * seconds. It steps aside for the guest's output, and is not drawn while that has left a line unfinished.
 */
public final class ProgressLine {
    /** Time between two lines where there is no terminal. */
    static final long PLAIN_INTERVAL_MILLISECONDS = 10_000;

    private static final String ERASE_LINE = "\r\u001b[2K";

    private final PrintStream out;
    private final boolean terminal;
    private boolean drawn;
    private boolean lineOpen;
    private long nextPlain = PLAIN_INTERVAL_MILLISECONDS;

    /** Draws to {@code out}, which is a terminal or not. */
    public ProgressLine(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** What is known now; CPU time and memory where they are known. */
    public synchronized void update(
            long elapsedMilliseconds, @Nullable Long cpuMilliseconds, @Nullable Long memoryBytes) {
        String text = text(elapsedMilliseconds, cpuMilliseconds, memoryBytes);
        if (terminal) {
            if (!lineOpen) {
                out.print(ERASE_LINE + text);
                out.flush();
                drawn = true;
            }
        } else if (elapsedMilliseconds >= nextPlain) {
            out.println(text);
            nextPlain = elapsedMilliseconds
                    - elapsedMilliseconds % PLAIN_INTERVAL_MILLISECONDS
                    + PLAIN_INTERVAL_MILLISECONDS;
        }
    }

    /** Runs what writes output to the same screen; {@code endsLine} says whether it left a finished line. */
    public synchronized void aside(Runnable write, boolean endsLine) {
        erase();
        write.run();
        lineOpen = !endsLine;
    }

    /** Nothing more will come. Ends a line the output left open, so that what follows begins a new one. */
    public synchronized void end() {
        erase();
        if (terminal && lineOpen) {
            out.println();
            lineOpen = false;
        }
    }

    private void erase() {
        if (drawn) {
            out.print(ERASE_LINE);
            out.flush();
            drawn = false;
        }
    }

    static String text(long elapsedMilliseconds, @Nullable Long cpuMilliseconds, @Nullable Long memoryBytes) {
        StringBuilder text = new StringBuilder("running ").append(Values.humanMilliseconds(elapsedMilliseconds));
        if (cpuMilliseconds != null) {
            text.append(", CPU ").append(Values.humanMilliseconds(cpuMilliseconds));
        }
        if (memoryBytes != null) {
            text.append(", memory ").append(Values.humanBytes(memoryBytes));
        }
        return text.toString();
    }
}
