// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

/** Comparisons of an argument, in the words of the OCI runtime specification. */
public enum SeccompOperator {
    SCMP_CMP_NE,
    SCMP_CMP_LT,
    SCMP_CMP_LE,
    SCMP_CMP_EQ,
    SCMP_CMP_GE,
    SCMP_CMP_GT,
    /** {@code argument & value == valueTwo}. */
    SCMP_CMP_MASKED_EQ
}
