// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
/** Measures a guest from outside: its process tree in /proc, and the pod's cgroup where that is the guest's. */
@NullMarked
package dev.gabion.runner.meter;

import org.jspecify.annotations.NullMarked;
