// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

/** The program in a job's pod. */
public final class PodMain {
    public static void main(String[] args) {}

    private PodMain() {}
}
