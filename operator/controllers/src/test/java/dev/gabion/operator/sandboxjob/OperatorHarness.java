// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import static org.awaitility.Awaitility.await;

import dev.gabion.api.testing.LocalApiServer;
import dev.gabion.api.v1alpha1.ApiGroup;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobSpec;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.SandboxRuntime;
import dev.gabion.api.v1alpha1.SandboxRuntimeSpec;
import dev.gabion.api.v1alpha1.Source;
import dev.gabion.api.v1alpha1.SourceFile;
import dev.gabion.operator.OperatorSettings;
import dev.gabion.operator.ReconcilerWatch;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.fabric8.kubernetes.client.http.Interceptor.RequestTags;
import io.javaoperatorsdk.operator.Operator;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.awaitility.core.ConditionEvaluationListener;
import org.awaitility.core.EvaluatedCondition;
import org.awaitility.core.TimeoutEvent;
import org.jspecify.annotations.Nullable;

/**
 * A namespace of its own with Pod Security "restricted", and the operator watching it under the chart's roles. The
 * operator can be stopped and started anew.
 */
final class OperatorHarness implements AutoCloseable {
    private static final AtomicInteger NUMBERS = new AtomicInteger();
    static final String RUNTIME = "python";

    final KubernetesClient admin;
    final FakeKubelet kubelet;
    final String namespace;
    final SimpleMeterRegistry registry = new SimpleMeterRegistry();

    /** Requests of the operator that change something. */
    final ConcurrentLinkedQueue<String> writes = new ConcurrentLinkedQueue<>();

    private final LocalApiServer server;
    private final Map<String, String> environment = new HashMap<>(Map.of("GABION_JOBS_RECHECK_SECONDS", "1"));
    private @Nullable Operator operator;
    private @Nullable SandboxJobReconciler reconciler;
    private @Nullable KubernetesClient client;

    OperatorHarness(LocalApiServer server) {
        this.server = server;
        this.admin = server.adminClient();
        this.kubelet = new FakeKubelet(admin);
        this.namespace = "jobs-" + NUMBERS.incrementAndGet();
        admin.resource(new NamespaceBuilder()
                        .withNewMetadata()
                        .withName(namespace)
                        .addToLabels(PodSecurity.LABEL, PodSecurity.RESTRICTED)
                        .endMetadata()
                        .build())
                .create();
        OperatorRoles.install(admin, namespace);
        runtime(RUNTIME, UnaryOperator.identity());
    }

    OperatorHarness set(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    OperatorHarness start() {
        return start(OperatorSettings.from(environment));
    }

    OperatorSettings settings() {
        return OperatorSettings.from(environment);
    }

    OperatorHarness start(OperatorSettings settings) {
        Config config = server.serviceAccountConfig(OperatorRoles.NAMESPACE, OperatorRoles.ACCOUNT);
        // As in production: a server that is busy is asked again.
        config.setRequestRetryBackoffLimit(10);
        KubernetesClient account = new KubernetesClientBuilder()
                .withConfig(config)
                .withHttpClientBuilderConsumer(http -> http.addOrReplaceInterceptor("writes", new Interceptor() {
                    @Override
                    public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
                        if (!request.method().equals("GET")) {
                            writes.add(request.method() + " " + request.uri().getPath());
                        }
                    }
                }))
                .build();
        Clock clock = Clock.systemUTC();
        SandboxJobReconciler started =
                new SandboxJobReconciler(account, settings, clock, registry, new ReconcilerWatch(clock), kubelet);
        Operator running = new Operator(overrider -> overrider
                .withKubernetesClient(account)
                .withConcurrentReconciliationThreads(8)
                .withReconciliationTerminationTimeout(Duration.ofMillis(500))
                .withCloseClientOnStop(false)
                .withUseSSAToPatchPrimaryResource(true));
        running.register(started, override -> override.settingNamespace(namespace));
        running.start();
        client = account;
        reconciler = started;
        operator = running;
        return this;
    }

    void stop() {
        if (operator != null) {
            operator.stop();
            Objects.requireNonNull(reconciler).stop();
            Objects.requireNonNull(client).close();
            operator = null;
        }
    }

    @Override
    public void close() {
        stop();
        admin.close();
    }

    /** What the namespace enforces; null: nothing. */
    void enforce(@Nullable String podSecurity) {
        admin.namespaces().withName(namespace).edit(current -> {
            Map<String, String> labels = new HashMap<>(current.getMetadata().getLabels());
            labels.remove(PodSecurity.LABEL);
            if (podSecurity != null) {
                labels.put(PodSecurity.LABEL, podSecurity);
            }
            current.getMetadata().setLabels(labels);
            return current;
        });
    }

    /** Requests of the operator that changed something at a path that contains this. */
    List<String> writesTo(String part) {
        return writes.stream().filter(write -> write.contains(part)).toList();
    }

    SandboxRuntime runtime(String name, UnaryOperator<SandboxRuntimeSpec.Builder> change) {
        SandboxRuntime runtime = new SandboxRuntime();
        runtime.setMetadata(new ObjectMetaBuilder().withName(name).build());
        runtime.setSpec(change.apply(SandboxRuntimeSpec.builder()
                        .image("localhost/gabion/runner-python:0.1.0")
                        .fileName("main.py")
                        .command(List.of("/usr/bin/python3", "{file}"))
                        .seccompProfiles(List.of("python")))
                .build());
        return admin.resource(runtime).serverSideApply();
    }

    SandboxJob create(String name) {
        return create(name, UnaryOperator.identity());
    }

    SandboxJob create(String name, UnaryOperator<SandboxJobSpec.Builder> change) {
        SandboxJob job = new SandboxJob();
        job.setMetadata(
                new ObjectMetaBuilder().withName(name).withNamespace(namespace).build());
        job.setSpec(change.apply(SandboxJobSpec.builder()
                        .runtime(RUNTIME)
                        .source(Source.inline(SourceFile.text("main.py", "print('hello')"))))
                .build());
        return admin.resource(job).create();
    }

    void change(SandboxJob job, UnaryOperator<SandboxJobSpec.Builder> change) {
        admin.resources(SandboxJob.class)
                .inNamespace(namespace)
                .withName(job.getMetadata().getName())
                .edit(current -> {
                    current.setSpec(change.apply(current.getSpec().toBuilder()).build());
                    return current;
                });
    }

    @Nullable
    SandboxJob get(SandboxJob job) {
        return admin.resources(SandboxJob.class)
                .inNamespace(namespace)
                .withName(job.getMetadata().getName())
                .get();
    }

    SandboxJobStatus status(SandboxJob job) {
        return Optional.ofNullable(get(job)).map(Observation::statusOf).orElse(SandboxJobStatus.EMPTY);
    }

    SandboxJobStatus awaitStatus(SandboxJob job, Predicate<SandboxJobStatus> wanted) {
        return await("status of " + job.getMetadata().getName())
                .atMost(Duration.ofSeconds(25))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> status(job), wanted);
    }

    SandboxJobStatus awaitReason(SandboxJob job, String type, String reason) {
        return awaitStatus(job, status -> Conditions.reason(status, type).equals(reason));
    }

    /** Waits for the pod of an attempt. */
    Pod awaitPod(SandboxJob job, int attempt) {
        return Objects.requireNonNull(await("pod of attempt " + attempt)
                .conditionEvaluationListener(new TimeoutReport(() -> writes + "\n" + status(job)))
                .atMost(Duration.ofSeconds(25))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> pod(job, attempt), Objects::nonNull));
    }

    @Nullable
    Pod pod(SandboxJob job, int attempt) {
        return admin.pods()
                .inNamespace(namespace)
                .withName(PlanRenderer.name(job, attempt))
                .get();
    }

    void awaitGone(Pod pod) {
        await("end of pod " + pod.getMetadata().getName())
                .atMost(Duration.ofSeconds(25))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> admin.pods()
                                .inNamespace(namespace)
                                .withName(pod.getMetadata().getName())
                                .get()
                        == null);
    }

    List<Pod> pods() {
        return admin.pods()
                .inNamespace(namespace)
                .withLabel(ApiGroup.JOB_LABEL)
                .list()
                .getItems();
    }

    /** What a wait that was in vain shows besides. */
    private record TimeoutReport(Supplier<String> report) implements ConditionEvaluationListener<Object> {
        @Override
        public void conditionEvaluated(EvaluatedCondition<Object> condition) {}

        @Override
        public void onTimeout(TimeoutEvent event) {
            System.err.println(event.getDescription() + "\n" + report.get());
        }
    }
}
