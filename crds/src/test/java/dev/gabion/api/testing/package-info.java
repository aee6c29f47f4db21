// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
/** What tests of every module share: a real API server as two processes of this machine. */
@NullMarked
package dev.gabion.api.testing;

import org.jspecify.annotations.NullMarked;
