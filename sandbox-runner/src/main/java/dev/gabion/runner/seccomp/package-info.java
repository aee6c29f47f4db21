// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
/**
 * The guest's seccomp filter: profiles as data (OCI seccomp JSON), compiled to classic BPF. Nothing here runs a process
 * or calls the kernel; the launcher installs what the compiler writes.
 */
@NullMarked
package dev.gabion.runner.seccomp;

import org.jspecify.annotations.NullMarked;
