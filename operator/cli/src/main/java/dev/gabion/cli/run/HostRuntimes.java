// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.run;

import dev.gabion.api.runtimes.ShippedRuntimes;
import dev.gabion.api.v1alpha1.SandboxRuntime;
import dev.gabion.api.v1alpha1.SandboxRuntimeSpec;
import dev.gabion.cli.UserError;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The shipped runtimes on this machine: with its own interpreters. */
public final class HostRuntimes {
    /** How Debian and Ubuntu install what a shipped runtime starts. */
    private static final Map<String, String> INSTALL = Map.of(
            "python", "apt-get install -y python3",
            "python-scientific", "apt-get install -y python3-numpy python3-pandas python3-matplotlib",
            "node", "apt-get install -y nodejs",
            "bash", "apt-get install -y bash",
            "c", "apt-get install -y gcc libc6-dev");

    /** The runtime of that name. */
    public static SandboxRuntimeSpec find(String name) {
        if (!ShippedRuntimes.names().contains(name)) {
            throw new UserError("--runtime: there is no runtime '" + name + "' on this machine; there are "
                    + String.join(", ", ShippedRuntimes.names()));
        }
        // Read without the Kubernetes client's own mapper, which would double the start of the program.
        try (InputStream yaml = ShippedRuntimes.class.getResourceAsStream(name + ".yaml")) {
            return Documents.json().treeToValue(Documents.yaml().readTree(yaml).path("spec"), SandboxRuntimeSpec.class);
        } catch (IOException e) {
            throw new UncheckedIOException("the runtime " + name + " cannot be read", e);
        }
    }

    /** Programs of the runtime that this machine lacks, by their paths; empty: it can run here. */
    public static List<String> missing(String name, SandboxRuntimeSpec runtime) {
        return missing(Path.of("/"), name, runtime);
    }

    static List<String> missing(Path root, String name, SandboxRuntimeSpec runtime) {
        List<String> programs = new ArrayList<>();
        if (runtime.compile() != null) {
            programs.add(runtime.compile().command().getFirst());
        }
        programs.add(runtime.command().getFirst());
        if (name.equals("python-scientific")) {
            programs.add("/usr/lib/python3/dist-packages/pandas");
        }
        return programs.stream()
                .filter(program -> program.startsWith("/"))
                .filter(program -> !Files.exists(root.resolve(program.substring(1))))
                .toList();
    }

    /** The command that installs what a shipped runtime needs. */
    public static String install(String name) {
        return INSTALL.getOrDefault(name, "install its interpreter");
    }

    /** Refuses a runtime that cannot run here, with the command that changes it. */
    static void require(String name, SandboxRuntimeSpec runtime) {
        List<String> missing = missing(name, runtime);
        if (!missing.isEmpty()) {
            throw new UserError("the runtime " + name + " needs " + String.join(" and ", missing)
                    + ", which this machine does not have; install it: " + install(name));
        }
    }

    /** All shipped runtimes, with their names. */
    public static List<SandboxRuntime> all() {
        return ShippedRuntimes.all();
    }

    private HostRuntimes() {}
}
