// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
/** Values of flags: what people write and what the API's fields hold. */
@NullMarked
package dev.gabion.cli.value;

import org.jspecify.annotations.NullMarked;
