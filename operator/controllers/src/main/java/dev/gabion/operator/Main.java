// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator;

import dev.gabion.operator.sandboxjob.Canary;
import dev.gabion.operator.sandboxjob.Uninstall;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The operator. Its image has two more things to do, each by a pod of the chart's with rights of its own: {@code operator uninstall}
 * ends a release, {@code operator canary NAMESPACE JOB TEXT} tests one.
 */
@QuarkusMain
public final class Main {
    /** Less than helm's own patience with a test, so that the reason is told. */
    private static final Duration CANARY_PATIENCE = Duration.ofSeconds(100);

    private Main() {}

    public static void main(String... arguments) throws InterruptedException {
        switch (arguments.length == 0 ? "" : arguments[0]) {
            case "uninstall" -> System.exit(uninstall()); // threads of the client's would outlive it
            case "canary" -> System.exit(canary(List.of(arguments)));
            default -> operator(arguments);
        }
    }

    private static void operator(String... arguments) {
        try {
            OperatorSettings.from(System.getenv());
        } catch (IllegalArgumentException wrong) {
            System.err.println("operator: " + wrong.getMessage());
            System.exit(64); // EX_USAGE of sysexits.h
        }
        IdleHeap.watch();
        Quarkus.run(arguments);
    }

    private static int uninstall() throws InterruptedException {
        try (KubernetesClient client = new KubernetesClientBuilder().build()) {
            new Uninstall(client, System.getenv().getOrDefault("POD_NAMESPACE", "default"), System.out::println).run();
            return 0;
        } catch (IllegalStateException | KubernetesClientException failed) {
            System.err.println("operator uninstall: " + failed.getMessage());
            return 1;
        }
    }

    private static int canary(List<String> arguments) {
        if (arguments.size() != 4) {
            System.err.println("usage: operator canary NAMESPACE JOB TEXT");
            return 64;
        }
        try (KubernetesClient client = new KubernetesClientBuilder().build()) {
            Optional<String> complaint =
                    new Canary(client, CANARY_PATIENCE).complaint(arguments.get(1), arguments.get(2), arguments.get(3));
            System.out.println(complaint.orElse("the canary is heard"));
            return complaint.isPresent() ? 1 : 0;
        } catch (KubernetesClientException failed) {
            System.err.println("operator canary: " + failed.getMessage());
            return 1;
        }
    }
}
