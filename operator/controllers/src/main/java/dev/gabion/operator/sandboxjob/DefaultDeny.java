// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.operator.LogKeys;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The NetworkPolicy of the runner pods of a namespace: nothing in, nothing out. Made before the first pod; put back when
 * it was removed or somebody added to it. All jobs of a namespace hear of a change at once, and one of them writes.
 */
final class DefaultDeny {
    private static final Logger LOG = LoggerFactory.getLogger(DefaultDeny.class);

    /** Somebody else who insists on other rules must not make a stream of writes of this. */
    static final Duration PAUSE = Duration.ofSeconds(5);

    private final JobEventSources sources;
    private final Clock clock;
    private final ConcurrentMap<String, Instant> restored = new ConcurrentHashMap<>();

    DefaultDeny(JobEventSources sources, Clock clock) {
        this.sources = sources;
        this.clock = clock;
    }

    /** Before a pod is made: the policy stands, or an exception says why not. */
    void establish(KubernetesClient client, String namespace) {
        NetworkPolicy desired = NetworkPolicyRenderer.desired(namespace);
        if (cached(desired).filter(found -> isAs(desired, found)).isPresent()) {
            return;
        }
        synchronized (this) {
            Optional<NetworkPolicy> known = cached(desired);
            NetworkPolicy current = known.orElseGet(() -> apply(client, desired));
            if (!isAs(desired, current)) {
                current = replace(client, desired, current);
            }
            remember(known, current);
        }
    }

    /**
     * While pods run.
     *
     * @return when to look again, if something was to be written and it is too early
     */
    Optional<Instant> keep(KubernetesClient client, String namespace) {
        NetworkPolicy desired = NetworkPolicyRenderer.desired(namespace);
        Optional<NetworkPolicy> known = cached(desired);
        Instant next = restored.getOrDefault(namespace, Instant.MIN);
        if (known.isPresent() && !isAs(desired, known.get()) && clock.instant().isBefore(next)) {
            return Optional.of(next);
        }
        establish(client, namespace);
        return Optional.empty();
    }

    private Optional<NetworkPolicy> cached(NetworkPolicy desired) {
        return sources.policies().get(ResourceID.fromResource(desired));
    }

    private static boolean isAs(NetworkPolicy desired, NetworkPolicy found) {
        return Objects.equals(found.getSpec(), desired.getSpec());
    }

    private static NetworkPolicy apply(KubernetesClient client, NetworkPolicy desired) {
        return client.resource(desired).patch(Applier.serverSide());
    }

    /**
     * Takes away what others added: applying would leave fields that are not ours. The whole spec is replaced, and only
     * if the policy is the one that was looked at; a JSON patch, because an update would be one more right.
     */
    private NetworkPolicy replace(KubernetesClient client, NetworkPolicy desired, NetworkPolicy found) {
        String namespace = desired.getMetadata().getNamespace();
        NetworkPolicy replaced = client.resource(found).patch(JSON_PATCH, """
                [{"op": "replace", "path": "/metadata/resourceVersion", "value": %s},
                 {"op": "replace", "path": "/spec", "value": %s}]
                """.formatted(
                        Serialization.asJson(found.getMetadata().getResourceVersion()),
                        Serialization.asJson(desired.getSpec())));
        Instant now = clock.instant();
        restored.values().removeIf(next -> !now.isBefore(next));
        restored.put(namespace, now.plus(PAUSE));
        try (var _ = LogKeys.with(LogKeys.NAMESPACE, namespace)) {
            LOG.warn(
                    "NetworkPolicy {} was changed by somebody else; it denies everything again",
                    NetworkPolicyRenderer.NAME);
        }
        return replaced;
    }

    private void remember(Optional<NetworkPolicy> known, NetworkPolicy current) {
        ResourceID id = ResourceID.fromResource(current);
        known.ifPresentOrElse(
                before -> sources.policies().handleRecentResourceUpdate(id, current, before),
                () -> sources.policies().handleRecentResourceCreate(id, current));
    }

    private static final PatchContext JSON_PATCH = new PatchContext.Builder()
            .withPatchType(PatchType.JSON)
            .withFieldManager(Applier.FIELD_MANAGER)
            .build();
}
