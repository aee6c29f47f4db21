// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors

/**
 * How a job's limits come about: what the job asks for, else its runtime's default, else the platform's, never above
 * the runtime's maximum. The operator and the command line resolve them here, so that both run a job alike.
 */
@NullMarked
package dev.gabion.api.limits;

import org.jspecify.annotations.NullMarked;
