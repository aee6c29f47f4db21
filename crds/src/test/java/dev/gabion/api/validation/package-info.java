// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
/** What the API server accepts and refuses, and what it says. */
@NullMarked
package dev.gabion.api.validation;

import org.jspecify.annotations.NullMarked;
