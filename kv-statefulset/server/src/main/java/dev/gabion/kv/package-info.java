// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
/**
 * What every room of the server shares: etcd's errors. Nothing here knows the log, the storage or gRPC's transport.
 */
@NullMarked
package dev.gabion.kv;

import org.jspecify.annotations.NullMarked;
