// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

/** An environment variable of the guest. */
public record EnvVar(String name, String value) {}
