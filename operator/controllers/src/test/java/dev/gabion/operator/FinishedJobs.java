// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator;

import dev.gabion.api.v1alpha1.ConditionTypes;
import dev.gabion.api.v1alpha1.Control;
import dev.gabion.api.v1alpha1.ControlName;
import dev.gabion.api.v1alpha1.ControlState;
import dev.gabion.api.v1alpha1.Output;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobSpec;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.Source;
import dev.gabion.api.v1alpha1.SourceFile;
import dev.gabion.api.v1alpha1.StreamOutput;
import dev.gabion.api.v1alpha1.Usage;
import dev.gabion.api.v1alpha1.UsageSample;
import dev.gabion.api.v1alpha1.Verdict;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/** Finished jobs with their pods, of the size that the operator and a runner give them. */
final class FinishedJobs {
    private static final String NOW = "2026-01-02T03:04:05Z";
    private static final Path POD = Path.of("src/test/resources/golden/hello/out-Pod-hello-28312-1.yaml");

    private final KubernetesClient admin;
    private final String namespace;

    FinishedJobs(KubernetesClient admin, String namespace) {
        this.admin = admin;
        this.namespace = namespace;
    }

    void create(int count) throws IOException {
        Pod template = Serialization.unmarshal(Files.readString(POD), Pod.class);
        for (int number = 0; number < count; number++) {
            SandboxJob job = admin.resource(job("finished-" + number)).create();
            finish(job);
            finish(admin.resource(pod(template, job)).create());
        }
    }

    /** Name and version of each job. */
    Map<String, String> versions() {
        return admin.resources(SandboxJob.class).inNamespace(namespace).list().getItems().stream()
                .collect(Collectors.toMap(job -> job.getMetadata().getName(), job -> job.getMetadata()
                        .getResourceVersion()));
    }

    private SandboxJob job(String name) {
        SandboxJob job = new SandboxJob();
        job.setMetadata(
                new ObjectMetaBuilder().withName(name).withNamespace(namespace).build());
        job.setSpec(SandboxJobSpec.builder()
                .runtime("python")
                .source(Source.inline(SourceFile.text("main.py", "print('hello')\n".repeat(100))))
                .build());
        return job;
    }

    private void finish(SandboxJob job) {
        job.setStatus(SandboxJobStatus.builder()
                .observedGeneration(1L)
                .phase("Finished")
                .verdict(Verdict.OK)
                .exitCode(0)
                .attempts(1)
                .conditions(List.of(
                        condition(ConditionTypes.STARTED, "True"),
                        condition(ConditionTypes.COMPLETE, "True"),
                        condition(ConditionTypes.FAILED, "False")))
                .controls(Arrays.stream(ControlName.values())
                        .map(name -> new Control(name, ControlState.Present, "refused with EPERM, as it must be"))
                        .toList())
                .usage(Usage.builder()
                        .series(LongStream.range(0, Usage.MAX_SERIES)
                                .mapToObj(at -> new UsageSample(100 * at, 97 * at, 9_000_000 + at, 2, at, at))
                                .toList())
                        .build())
                .output(new Output(new StreamOutput("hello\n".repeat(200), 1200L, false), null, null, null))
                .startTime(NOW)
                .completionTime(NOW)
                .build());
        job.getMetadata().setManagedFields(null);
        admin.resource(job)
                .subresource("status")
                .patch(new PatchContext.Builder()
                        .withPatchType(PatchType.SERVER_SIDE_APPLY)
                        .withFieldManager("gabion-operator")
                        .withForce(true)
                        .build());
    }

    private static Condition condition(String type, String status) {
        return new ConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason("Made")
                .withMessage("Made by a test.")
                .withLastTransitionTime(NOW)
                .withObservedGeneration(1L)
                .build();
    }

    private Pod pod(Pod template, SandboxJob job) {
        return new PodBuilder(template)
                .editMetadata()
                .withName(job.getMetadata().getName() + "-1")
                .withNamespace(namespace)
                .withFinalizers()
                .editFirstOwnerReference()
                .withName(job.getMetadata().getName())
                .withUid(job.getMetadata().getUid())
                .endOwnerReference()
                .endMetadata()
                .editSpec()
                .withNodeName("node-1")
                .endSpec()
                .build();
    }

    private void finish(Pod pod) {
        admin.resource(pod).editStatus(current -> new PodBuilder(current)
                .editOrNewStatus()
                .withPhase("Succeeded")
                .withContainerStatuses()
                .addNewContainerStatus()
                .withName("runner")
                .withImage("runner")
                .withImageID("sha256:" + "0".repeat(64))
                .withReady(false)
                .withRestartCount(0)
                .withNewState()
                .withNewTerminated()
                .withExitCode(0)
                .withReason("Completed")
                .withMessage("{\"verdict\":\"OK\",\"evidence\":\"" + "x".repeat(1000) + "\"}")
                .withFinishedAt(NOW)
                .endTerminated()
                .endState()
                .endContainerStatus()
                .endStatus()
                .build());
    }
}
