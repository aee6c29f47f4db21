// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.e2e.harness;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A class of scenarios: one instance, which gets the {@link TestCluster} with the chart installed and {@link Jobs} of its own
 * as constructor arguments. The operator's log must tell of no error while it runs.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@ExtendWith(ClusterExtension.class)
public @interface OnCluster {}
