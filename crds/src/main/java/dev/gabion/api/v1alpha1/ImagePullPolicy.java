// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

/** When the image is pulled; the words are the core API's. */
public enum ImagePullPolicy {
    /** At every start. */
    Always,
    /** When the node has none. The default. */
    IfNotPresent,
    /** Never; the node must have it. */
    Never
}
