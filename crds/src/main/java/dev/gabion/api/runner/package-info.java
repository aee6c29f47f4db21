// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
/**
 * The contract between the operator and the runner in a job's pod, and what the command line shares with both: the plan
 * that goes in, the result and the frames that come out. Records and their reading and writing only; nothing here
 * starts a process or calls a cluster.
 */
@NullMarked
package dev.gabion.api.runner;

import org.jspecify.annotations.NullMarked;
