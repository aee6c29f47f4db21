// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
@NullMarked
package dev.gabion.kv.mvcc;

import org.jspecify.annotations.NullMarked;
