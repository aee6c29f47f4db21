// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

/** Whether the guest has a /proc. */
public enum ProcMount {
    /** No /proc at all. The default, and all that Pod Security "restricted" allows. */
    None,
    /** A /proc of the guest's own pid namespace; needs a namespace that allows procMount Unmasked. */
    Private
}
