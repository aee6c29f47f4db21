// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.api.v1alpha1.ApiGroup;
import dev.gabion.api.v1alpha1.SandboxJob;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import java.util.Map;

/** Labels and owner of everything made for a job. */
final class Labels {
    static final String MANAGED_BY = "app.kubernetes.io/managed-by";
    static final String COMPONENT = "app.kubernetes.io/component";

    /** Value of {@link #COMPONENT} on runner pods. */
    static final String RUNNER = "runner";

    /** Number of the attempt, on its pod. */
    static final String ATTEMPT = ApiGroup.GROUP + "/attempt";

    /** Selects all runner pods; the one informer of pods watches these. */
    static final String RUNNER_SELECTOR = MANAGED_BY + "=" + ApiGroup.MANAGED_BY + "," + ApiGroup.JOB_LABEL;

    /** Selects the network policies of runner pods. */
    static final String RUNNER_POLICY_SELECTOR =
            MANAGED_BY + "=" + ApiGroup.MANAGED_BY + "," + COMPONENT + "=" + RUNNER;

    private Labels() {}

    /** Metadata of an object made for a job. */
    static ObjectMeta of(SandboxJob job, String name) {
        return new ObjectMetaBuilder()
                .withName(name)
                .withNamespace(job.getMetadata().getNamespace())
                .withLabels(Map.of(
                        MANAGED_BY,
                        ApiGroup.MANAGED_BY,
                        ApiGroup.JOB_LABEL,
                        Names.label(job.getMetadata().getName())))
                .withOwnerReferences(owner(job))
                .build();
    }

    private static OwnerReference owner(SandboxJob job) {
        // Does not block the owner's deletion: that would need the right to update sandboxjobs/finalizers.
        return new OwnerReferenceBuilder()
                .withApiVersion(job.getApiVersion())
                .withKind(job.getKind())
                .withName(job.getMetadata().getName())
                .withUid(job.getMetadata().getUid())
                .withController(true)
                .build();
    }
}
