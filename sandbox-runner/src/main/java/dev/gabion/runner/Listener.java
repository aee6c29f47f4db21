// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import dev.gabion.api.v1alpha1.Control;
import dev.gabion.api.v1alpha1.OutputFile;
import dev.gabion.api.v1alpha1.UsageSample;
import java.util.List;

/**
 * Hears of a run while it goes on. Calls come from several threads, one at a time per method; a slow listener slows the
 * guest's output, nothing else.
 */
public interface Listener {
    /** Hears nothing. */
    Listener NONE = new Listener() {};

    /** What the probes found; the guest has not run yet, and does not if a required control is absent. */
    default void controls(List<Control> controls) {}

    /** The guest's program (after a compile step: the program, not the compiler) is about to run. */
    default void started() {}

    /**
     * Raw bytes of the guest, within the output limit. The array is the caller's and used again.
     *
     * <p>Of a compile step only a failed one's output comes here.
     */
    default void output(GuestStream stream, byte[] bytes, int offset, int length) {}

    /** One measurement, at least ten a second. */
    default void sample(UsageSample sample) {}

    /** A kept file, whole, after the guest's end. */
    default void file(OutputFile file, byte[] content) {}

    /** Learning only: a call that the profile does not allow, let through. */
    default void violation(Violation violation) {}
}
