// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

/** Rules of the schema that several fields share, in the Common Expression Language the API server evaluates. */
final class Cel {
    /** At least the quantity that follows. */
    static final String AT_LEAST = "isQuantity(string(self)) && quantity(string(self)).compareTo(quantity('";

    /** And at most the quantity that follows. */
    static final String AT_MOST = "')) >= 0 && quantity(string(self)).compareTo(quantity('";

    /** Ends such a rule. */
    static final String END = "')) <= 0";

    /** Why a rule refuses; one of the few words the API server knows. */
    static final String INVALID = "FieldValueInvalid";

    /** No NUL byte: the kernel's strings end at one. */
    static final String NO_NUL = "^[^\\x00]*$";

    private Cel() {}
}
