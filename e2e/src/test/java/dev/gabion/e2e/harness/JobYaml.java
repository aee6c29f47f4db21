// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.e2e.harness;

import dev.gabion.api.v1alpha1.SandboxJob;
import io.fabric8.kubernetes.client.utils.Serialization;

/** Jobs as the YAML a user would write. A spec is a text; further lines of it are appended as they are. */
public final class JobYaml {
    private JobYaml() {}

    /** A spec that runs a Python program. */
    public static String python(String program, String... more) {
        return program("python", "main.py", program, more);
    }

    /** A spec that runs a Python program by another runtime than the shipped one. */
    public static String pythonBy(String runtime, String program, String... more) {
        return program(runtime, "main.py", program, more);
    }

    /** A spec that runs a program of one file. */
    public static String program(String runtime, String file, String program, String... more) {
        return "runtime: " + runtime + "\nsource:\n  inline:\n" + file(file, program) + String.join("\n", more);
    }

    /** One more file of a spec's inline source; belongs directly behind the one before. */
    public static String file(String name, String content) {
        return "    - name: " + name + "\n      content: |\n" + content.strip().indent(8);
    }

    /** The whole document, for kubectl. */
    public static String document(String name, String spec) {
        return "apiVersion: gabion.dev/v1alpha1\nkind: SandboxJob\nmetadata: {name: " + name + "}\nspec:\n"
                + spec.indent(2);
    }

    /** The same as an object, for a client. */
    public static SandboxJob job(String name, String spec) {
        return Serialization.unmarshal(document(name, spec), SandboxJob.class);
    }
}
