// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobSpec;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.Source;
import io.javaoperatorsdk.operator.processing.event.source.informer.TransformingItemStore;
import java.util.List;
import java.util.Map;

/**
 * The cache of jobs. Of a finished one only that it is finished and when it expires: its program, output and course of
 * usage would fill the heap of an operator with thousands of them. The status of a finished job is therefore never
 * written from here ({@link Applier} refuses to).
 */
public final class KeptJobs extends TransformingItemStore<SandboxJob> {
    /** The field is required. */
    private static final Source NO_SOURCE = new Source(List.of(), null, null);

    public KeptJobs() {
        super(KeptJobs::kept);
    }

    /** First events wait for the whole list: the queue must not count the jobs of a first page only. */
    @Override
    public boolean isFullState() {
        return true;
    }

    static SandboxJob kept(SandboxJob job) {
        if (!Conditions.isFinished(Observation.statusOf(job))) {
            job.getMetadata().setManagedFields(List.of());
            return job;
        }
        SandboxJob finished = new SandboxJob();
        finished.setMetadata(KeptMetadata.of(job.getMetadata(), Map.of()));
        finished.setSpec(kept(job.getSpec()));
        finished.setStatus(kept(job.getStatus()));
        return finished;
    }

    private static SandboxJobSpec kept(SandboxJobSpec spec) {
        return SandboxJobSpec.builder()
                .runtime(spec.runtime())
                .source(NO_SOURCE)
                .ttlSecondsAfterFinished(spec.ttlSecondsAfterFinished())
                .suspend(spec.suspend())
                .cancel(spec.cancel())
                .build();
    }

    private static SandboxJobStatus kept(SandboxJobStatus status) {
        return SandboxJobStatus.builder()
                .observedGeneration(status.observedGeneration())
                .verdict(status.verdict())
                // A verdict says by itself that the job is finished.
                .conditions(status.verdict() == null ? status.conditions() : List.of())
                .attempts(status.attempts())
                .completionTime(status.completionTime())
                .build();
    }
}
