// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
/**
 * The engine's side of the launcher's protocol (launcher/PROTOCOL.md): requests, events, and the started process. No
 * decisions about jobs.
 */
@NullMarked
package dev.gabion.runner.launch;

import org.jspecify.annotations.NullMarked;
