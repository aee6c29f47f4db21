// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
/**
 * The custom resources of {@code gabion.dev/v1alpha1}. Only what a user or the operator writes into the API server
 * lives here; the YAML in {@code crds/} is generated from it. Null stands for absent everywhere.
 */
@NullMarked
package dev.gabion.api.v1alpha1;

import org.jspecify.annotations.NullMarked;
