// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.api.runner.JobPlan;
import dev.gabion.api.v1alpha1.ApiGroup;
import dev.gabion.api.v1alpha1.ImagePullPolicy;
import dev.gabion.api.v1alpha1.Isolation;
import dev.gabion.api.v1alpha1.IsolationLevel;
import dev.gabion.api.v1alpha1.ProcMount;
import dev.gabion.api.v1alpha1.ResolvedLimits;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxRuntime;
import dev.gabion.api.v1alpha1.SandboxRuntimeSpec;
import dev.gabion.api.v1alpha1.Source;
import dev.gabion.operator.OperatorSettings;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.KeyToPath;
import io.fabric8.kubernetes.api.model.KeyToPathBuilder;
import io.fabric8.kubernetes.api.model.LocalObjectReference;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSecurityContextBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TolerationBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The pod of an attempt: Pod Security "restricted", and more; pure. */
final class PodRenderer {
    /** The volume with the work directory. */
    static final String SCRATCH = "scratch";

    static final String CONTAINER = "runner";

    /** The image's user, who is nobody on the node. */
    private static final long USER = 65532;

    /** Room for the runner's own temporary files. */
    private static final String TMP_SIZE = "16Mi";

    private final SandboxJob job;
    private final SandboxRuntimeSpec runtime;
    private final int attempt;
    private final ResolvedLimits limits;
    private final OperatorSettings settings;

    private PodRenderer(
            SandboxJob job, SandboxRuntime runtime, int attempt, ResolvedLimits limits, OperatorSettings settings) {
        this.job = job;
        this.runtime = runtime.getSpec();
        this.attempt = attempt;
        this.limits = limits;
        this.settings = settings;
    }

    static Pod desired(
            SandboxJob job, SandboxRuntime runtime, int attempt, ResolvedLimits limits, OperatorSettings settings) {
        return new PodRenderer(job, runtime, attempt, limits, settings).pod();
    }

    private Pod pod() {
        return new PodBuilder()
                .withMetadata(metadata())
                .withNewSpec()
                .withRestartPolicy("Never")
                .withTerminationGracePeriodSeconds(settings.terminationGrace().toSeconds())
                .withHostUsers(hostUsers())
                .withRuntimeClassName(job.getSpec().isolationOrDefault().runtimeClassName())
                .withAutomountServiceAccountToken(false)
                .withEnableServiceLinks(false)
                .withNodeSelector(runtime.nodeSelector().isEmpty() ? null : runtime.nodeSelector())
                .withTolerations(tolerations())
                .withImagePullSecrets(runtime.imagePullSecrets().stream()
                        .map(LocalObjectReference::new)
                        .toList())
                .withSecurityContext(podSecurity())
                .withContainers(container())
                .withVolumes(
                        volume("plan")
                                .withNewConfigMap()
                                .withName(planName())
                                .withItems(item(PlanRenderer.PLAN_KEY))
                                .endConfigMap()
                                .build(),
                        source(),
                        volume(SCRATCH)
                                .withNewEmptyDir()
                                .withSizeLimit(bytes(limits.scratchSizeBytes()))
                                .endEmptyDir()
                                .build(),
                        volume("tmp")
                                .withNewEmptyDir()
                                .withSizeLimit(Quantity.parse(TMP_SIZE))
                                .endEmptyDir()
                                .build())
                .endSpec()
                .build();
    }

    /**
     * A user namespace of the pod's own. Not under another runtime, which brings its own walls; and not at level Pod,
     * which is for nodes that have none: a kubelet there does not start a pod that asks for one.
     */
    private @Nullable Boolean hostUsers() {
        Isolation isolation = job.getSpec().isolationOrDefault();
        boolean asked = isolation.runtimeClassName() == null && isolation.levelOrDefault() == IsolationLevel.Process;
        return asked ? Boolean.FALSE : null;
    }

    private ObjectMeta metadata() {
        ObjectMeta common = Labels.of(job, planName());
        Map<String, String> labels = new LinkedHashMap<>(common.getLabels());
        labels.put(Labels.COMPONENT, Labels.RUNNER);
        labels.put(Labels.ATTEMPT, Integer.toString(attempt));
        return new ObjectMetaBuilder(common)
                .withLabels(labels)
                .withFinalizers(ApiGroup.RESULT_FINALIZER)
                .build();
    }

    private String planName() {
        return PlanRenderer.name(job, attempt);
    }

    private PodSecurityContext podSecurity() {
        var security = new PodSecurityContextBuilder()
                .withRunAsNonRoot(true)
                .withRunAsUser(USER)
                .withRunAsGroup(USER)
                .withFsGroup(USER)
                .withNewSeccompProfile()
                .withType("Localhost")
                .withLocalhostProfile(settings.podSeccompProfile())
                .endSeccompProfile();
        settings.appArmorProfile().ifPresent(profile -> security.withNewAppArmorProfile()
                .withType("Localhost")
                .withLocalhostProfile(profile)
                .endAppArmorProfile());
        return security.build();
    }

    private SecurityContext security() {
        return new SecurityContextBuilder()
                .withAllowPrivilegeEscalation(false)
                .withReadOnlyRootFilesystem(true)
                .withProcMount(runtime.procOrDefault() == ProcMount.Private ? "Unmasked" : null)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .build();
    }

    private Container container() {
        return new ContainerBuilder()
                .withName(CONTAINER)
                .withImage(runtime.image())
                .withImagePullPolicy(Optional.ofNullable(runtime.imagePullPolicy())
                        .orElse(ImagePullPolicy.IfNotPresent)
                        .name())
                .withCommand("/opt/gabion/bin/runner", "pod")
                .withTerminationMessagePolicy("File")
                .withSecurityContext(security())
                .withNewResources()
                .withLimits(Map.of("cpu", cpu(100), "memory", memory()))
                .withRequests(Map.of("cpu", cpu(settings.cpuRequestPercent()), "memory", memory()))
                .endResources()
                .withVolumeMounts(
                        mount("plan", "/gabion/plan", true),
                        mount("source", JobPlan.SOURCE_DIRECTORY, true),
                        mount(SCRATCH, JobPlan.SCRATCH_DIRECTORY, false),
                        mount("tmp", "/tmp", false))
                .build();
    }

    private Quantity cpu(int percent) {
        long runner = settings.runnerCpu()
                .getNumericalAmount()
                .multiply(BigDecimal.valueOf(1000))
                .setScale(0, RoundingMode.CEILING)
                .longValue();
        return new Quantity(Math.max(1, (limits.cpuMillicores() + runner) * percent / 100) + "m");
    }

    /** The job's memory, or its compile step's if that is more; the work directory, which is memory; the runner. */
    private Quantity memory() {
        long guest = Math.max(
                limits.memoryBytes(),
                limits.compile() == null ? 0 : limits.compile().memoryBytes());
        return bytes(guest
                + limits.scratchSizeBytes()
                + settings.runnerMemory().getNumericalAmount().longValue());
    }

    private Volume source() {
        Source source = job.getSpec().source();
        if (source.configMapRef() != null) {
            return volume("source")
                    .withNewConfigMap()
                    .withName(source.configMapRef().name())
                    .endConfigMap()
                    .build();
        }
        if (source.secretRef() != null) {
            return volume("source")
                    .withNewSecret()
                    .withSecretName(source.secretRef().name())
                    .endSecret()
                    .build();
        }
        return volume("source")
                .withNewConfigMap()
                .withName(planName())
                .withItems(IntStream.range(0, source.inline().size())
                        .mapToObj(PlanRenderer::key)
                        .map(PodRenderer::item)
                        .toList())
                .endConfigMap()
                .build();
    }

    /** The default would be 300 s for both: too long to wait for a node that does not answer. */
    private List<Toleration> tolerations() {
        Stream<Toleration> ours = Stream.of("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable")
                .map(taint -> new TolerationBuilder()
                        .withKey(taint)
                        .withOperator("Exists")
                        .withEffect("NoExecute")
                        .withTolerationSeconds(settings.nodeLostAfter().toSeconds())
                        .build());
        List<Toleration> all = new ArrayList<>(runtime.tolerations());
        ours.forEach(all::add);
        return all;
    }

    private static VolumeBuilder volume(String name) {
        return new VolumeBuilder().withName(name);
    }

    private static VolumeMount mount(String name, String path, boolean readOnly) {
        return new VolumeMountBuilder()
                .withName(name)
                .withMountPath(path)
                .withReadOnly(readOnly ? Boolean.TRUE : null)
                .build();
    }

    private static KeyToPath item(String key) {
        return new KeyToPathBuilder().withKey(key).withPath(key).build();
    }

    private static Quantity bytes(long bytes) {
        return new Quantity(Long.toString(bytes));
    }
}
