// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

/** Where the guest wrote. */
public enum GuestStream {
    STDOUT,
    STDERR
}
