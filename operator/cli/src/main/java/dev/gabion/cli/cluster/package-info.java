// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
/** Commands that speak to a cluster. The only package that touches the Kubernetes client. */
@NullMarked
package dev.gabion.cli.cluster;

import org.jspecify.annotations.NullMarked;
