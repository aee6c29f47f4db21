// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
/**
 * What an operation of the log does to the storage: the same bytes in the same order give the same state and the same
 * answers on every member. So nothing here may look at a clock, draw at random, or ask who leads.
 */
@NullMarked
package dev.gabion.kv.apply;

import org.jspecify.annotations.NullMarked;
