// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.doctor;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.jspecify.annotations.Nullable;

/**
 * One thing about this machine.
 *
 * @param name what was looked at
 * @param state what it means
 * @param found what was seen
 * @param change what to do about it; null: nothing
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Check(
        String name, State state, String found, @Nullable String change) {
    /** What a finding means for the isolation. */
    enum State {
        /** As it should be. */
        ok,
        /** Works, with less: what is lost is in the text. */
        weaker,
        /** Nothing runs before this is changed. */
        missing,
        /** Could not be told. */
        unknown
    }

    static Check ok(String name, String found) {
        return new Check(name, State.ok, found, null);
    }

    static Check weaker(String name, String found, String change) {
        return new Check(name, State.weaker, found, change);
    }

    static Check missing(String name, String found, String change) {
        return new Check(name, State.missing, found, change);
    }

    static Check unknown(String name, String found) {
        return new Check(name, State.unknown, found, null);
    }
}
