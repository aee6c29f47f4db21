// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
/**
 * etcd's gRPC services: check a request, hand it on, fill in the header. No state.
 */
@NullMarked
package dev.gabion.kv.api;

import org.jspecify.annotations.NullMarked;
