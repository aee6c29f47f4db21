// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.e2e.harness;

import dev.gabion.api.v1alpha1.SandboxRuntime;
import dev.gabion.api.v1alpha1.SandboxRuntimeSpec;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** SandboxRuntimes of one scenario, gone when it ends. */
public final class Runtimes implements AutoCloseable {
    private final KubernetesClient client;
    private final List<String> made = new ArrayList<>();

    /** None yet. */
    public Runtimes(KubernetesClient client) {
        this.client = client;
    }

    /** A copy of the shipped python runtime, changed. */
    public void copyOfPython(String name, UnaryOperator<SandboxRuntimeSpec.Builder> change) {
        SandboxRuntime python =
                client.resources(SandboxRuntime.class).withName("python").require();
        SandboxRuntime copy = new SandboxRuntime();
        copy.setMetadata(new ObjectMetaBuilder().withName(name).build());
        copy.setSpec(change.apply(python.getSpec().toBuilder()).build());
        client.resource(copy).createOr(existing -> existing.update());
        made.add(name);
    }

    @Override
    public void close() {
        made.forEach(
                name -> client.resources(SandboxRuntime.class).withName(name).delete());
    }
}
