// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
/** What the scenarios stand on: the cluster, the installed chart, namespaces with jobs, the operator's log, the page of scenarios. */
@NullMarked
package dev.gabion.e2e.harness;

import org.jspecify.annotations.NullMarked;
