// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.quarkus.runtime.ShutdownEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One replica acts, the others wait with warm caches. Who loses the lease ends at once, so that two never act; who is
 * told to stop gives the lease back, so that the next one need not wait until it expires.
 */
@Singleton
class Leadership {
    private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);
    private static final String LEASE = "gabion-operator";

    private final KubernetesClient client;
    private final String namespace;
    private final String identity;
    private volatile boolean stopping;

    Leadership(KubernetesClient client) {
        this.client = client;
        this.namespace = Optional.ofNullable(System.getenv("POD_NAMESPACE"))
                .or(() -> Optional.ofNullable(client.getNamespace()))
                .orElse("default");
        this.identity = Optional.ofNullable(System.getenv("POD_NAME"))
                .orElseGet(() -> "local-" + ProcessHandle.current().pid());
    }

    LeaderElectionConfiguration configuration() {
        return new LeaderElectionConfiguration(
                LEASE,
                namespace,
                LeaderElectionConfiguration.LEASE_DURATION_DEFAULT_VALUE,
                LeaderElectionConfiguration.RENEW_DEADLINE_DEFAULT_VALUE,
                LeaderElectionConfiguration.RETRY_PERIOD_DEFAULT_VALUE,
                identity,
                new LeaderCallbacks(
                        () -> say(LogKeys.IDENTITY, identity, "leading"),
                        this::stopLeading,
                        leader -> say(LogKeys.LEADER, leader, "leader seen")),
                false);
    }

    private static void say(String key, String value, String what) {
        try (var _ = LogKeys.with(key, value)) {
            LOG.info(what);
        }
    }

    void onShutdown(@Observes @Priority(1) ShutdownEvent event) {
        stopping = true;
    }

    private void stopLeading() {
        if (!stopping) {
            LOG.error("the lease is lost; this process ends at once");
            // Not exit: shutdown hooks would wait for reconciliations that must not go on.
            Runtime.getRuntime().halt(1);
        }
        try {
            var lease = client.leases().inNamespace(namespace).withName(LEASE).get();
            if (lease != null && identity.equals(lease.getSpec().getHolderIdentity())) {
                lease.getSpec().setHolderIdentity("");
                lease.getSpec().setLeaseDurationSeconds(1);
                client.resource(lease).update();
            }
        } catch (KubernetesClientException exception) {
            LOG.warn("the lease was not given back; it expires by itself", exception);
        }
    }
}
