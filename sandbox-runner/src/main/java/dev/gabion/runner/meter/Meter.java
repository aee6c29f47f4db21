// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner.meter;

/** Measures one guest. For one thread. */
public interface Meter {

    /** Now. Never fails: what has gone is not counted any more. */
    Reading read();

    /** Whether CPU time can have escaped: true where it is summed over the processes seen. */
    boolean cpuIsLowerBound();

    /** What measures the memory, for a person. */
    String memorySource();
}
