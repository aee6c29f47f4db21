// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.runtimes;

import dev.gabion.api.v1alpha1.SandboxRuntime;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;

/** Reads the shipped runtimes. Each call reads anew, so that nobody can change another's copy. */
public final class ShippedRuntimes {
    private static final List<String> NAMES = List.of("bash", "c", "node", "python", "python-scientific");

    /** Their names, sorted. */
    public static List<String> names() {
        return NAMES;
    }

    /** All of them, by name. */
    public static List<SandboxRuntime> all() {
        return NAMES.stream().map(ShippedRuntimes::read).toList();
    }

    /** The runtime of that name, if Gabion ships it. */
    public static Optional<SandboxRuntime> find(String name) {
        return NAMES.contains(name) ? Optional.of(read(name)) : Optional.empty();
    }

    private static SandboxRuntime read(String name) {
        try (InputStream yaml = ShippedRuntimes.class.getResourceAsStream(name + ".yaml")) {
            if (yaml == null) {
                throw new IllegalStateException("the program's files are incomplete: no runtime " + name);
            }
            return Serialization.unmarshal(yaml, SandboxRuntime.class);
        } catch (IOException e) {
            throw new UncheckedIOException("the runtime " + name + " cannot be read", e);
        }
    }

    private ShippedRuntimes() {}
}
