// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.util.Map;

/** Of an object's metadata in a cache, what events, owners and decisions need. */
final class KeptMetadata {
    private KeptMetadata() {}

    static ObjectMeta of(ObjectMeta whole, Map<String, String> labels) {
        return new ObjectMetaBuilder()
                .withName(whole.getName())
                .withNamespace(whole.getNamespace())
                .withUid(whole.getUid())
                .withResourceVersion(whole.getResourceVersion())
                .withGeneration(whole.getGeneration())
                .withCreationTimestamp(whole.getCreationTimestamp())
                .withDeletionTimestamp(whole.getDeletionTimestamp())
                .withDeletionGracePeriodSeconds(whole.getDeletionGracePeriodSeconds())
                .withFinalizers(whole.getFinalizers())
                .withOwnerReferences(whole.getOwnerReferences())
                .withLabels(labels)
                .build();
    }
}
