// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

/** Where the details of a result are read from. */
@FunctionalInterface
interface PodLogs {

    /** The details in the log of a pod that has ended. Never fails: what cannot be read is said in the answer. */
    RunnerOutput read(String namespace, String pod);
}
