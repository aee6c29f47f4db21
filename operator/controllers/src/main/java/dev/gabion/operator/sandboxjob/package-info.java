// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors

/**
 * The controller of SandboxJob. One job has one pod per attempt, and the resource itself is the durable queue.
 *
 * <p>{@link dev.gabion.operator.sandboxjob.SandboxJobReconciler} reads like a table of contents: observe
 * ({@code Observer}, the only one that reads), decide ({@code Decisions}, pure), apply ({@code Applier}, the only one
 * that writes), status ({@code StatusFactory}, pure). What is rendered is rendered by pure functions
 * ({@code PlanRenderer}, {@code PodRenderer}, {@code NetworkPolicyRenderer}, {@code ResultRenderer}) and has golden
 * files. The why is in docs/controller-flow/sandboxjob.md.
 */
@NullMarked
package dev.gabion.operator.sandboxjob;

import org.jspecify.annotations.NullMarked;
