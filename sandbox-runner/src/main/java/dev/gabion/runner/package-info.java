// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
/**
 * The engine: runs one job inside the isolation to a verdict. {@link dev.gabion.runner.Engine} is the way in, for the
 * runner pod ({@link dev.gabion.runner.PodMain}) and for the command line alike. No Kubernetes client here.
 */
@NullMarked
package dev.gabion.runner;

import org.jspecify.annotations.NullMarked;
