// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.runner.JobPlan;
import dev.gabion.api.runner.SandboxResult;
import dev.gabion.api.testing.LocalApiServer;
import dev.gabion.api.testing.LocalApiServerExtension;
import dev.gabion.api.v1alpha1.ConditionTypes;
import dev.gabion.api.v1alpha1.CustomSeccompProfile;
import dev.gabion.api.v1alpha1.Isolation;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.SeccompAction;
import dev.gabion.api.v1alpha1.SeccompArg;
import dev.gabion.api.v1alpha1.SeccompRule;
import dev.gabion.api.v1alpha1.Source;
import dev.gabion.api.v1alpha1.SourceFile;
import dev.gabion.api.v1alpha1.Verdict;
import dev.gabion.runner.Engine;
import dev.gabion.runner.EngineOptions;
import dev.gabion.runner.Listener;
import io.fabric8.kubernetes.api.model.ConfigMap;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A profile of one's own all the way: through the API server and the operator into the plan, and out of it to a guest. */
@ExtendWith(LocalApiServerExtension.class)
class CustomProfileIT {
    private static final Path LAUNCHER =
            Path.of("../../sandbox-runner/target/launcher/gabion-launch").toAbsolutePath();
    private static final String PROGRAM = "import socket\nsocket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()\n";

    private OperatorHarness cluster;

    @BeforeEach
    void cluster(LocalApiServer server) {
        cluster = new OperatorHarness(server);
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    @Test
    void theGuestMayWhatTheRuntimesOwnProfileAdds(@TempDir Path folder) throws IOException {
        // Given
        String runtime = "talk-" + cluster.namespace;
        cluster.runtime(runtime, spec -> spec.seccompProfiles(List.of("python", "talk"))
                .customSeccompProfiles(List.of(new CustomSeccompProfile(
                        "talk",
                        null,
                        "python",
                        null,
                        null,
                        List.of(new SeccompRule(
                                null,
                                List.of("socket"),
                                SeccompAction.SCMP_ACT_ALLOW,
                                null,
                                List.of(SeccompArg.int32(0, 2))))))));
        cluster.start();

        // When
        SandboxJob shipped = job("shipped", runtime, null);
        SandboxJob own = job("own", runtime, "talk");
        SandboxJob unlisted = job("unlisted", runtime, "node");

        // Then
        SandboxResult refused = run(shipped, folder.resolve("shipped"));
        assertThat(refused.verdict()).as(refused.toString()).isEqualTo(Verdict.SecurityViolation);
        assertThat(refused.reasons().toString()).contains("socket(AF_INET)");
        SandboxResult allowed = run(own, folder.resolve("own"));
        assertThat(allowed.verdict()).as(allowed.toString()).isEqualTo(Verdict.OK);
        SandboxJobStatus held = cluster.awaitReason(unlisted, ConditionTypes.STARTED, Reasons.PROFILE_NOT_ALLOWED);
        assertThat(Conditions.find(held, ConditionTypes.STARTED).orElseThrow().getMessage())
                .contains("does not list 'node'; it allows python, talk");
        assertThat(cluster.pods()).hasSize(2);
    }

    private SandboxJob job(String name, String runtime, @Nullable String profile) {
        return cluster.create(name, spec -> spec.runtime(runtime)
                .source(Source.inline(SourceFile.text("main.py", PROGRAM)))
                .isolation(profile == null ? null : new Isolation(null, null, profile)));
    }

    /** What the attempt's pod does with its plan, on this machine. */
    private SandboxResult run(SandboxJob job, Path folder) throws IOException {
        cluster.awaitPod(job, 1);
        ConfigMap attempt = cluster.admin
                .configMaps()
                .inNamespace(cluster.namespace)
                .withName(PlanRenderer.name(job, 1))
                .get();
        Files.createDirectories(folder);
        for (Map.Entry<String, String> file : attempt.getBinaryData().entrySet()) {
            Files.write(folder.resolve(file.getKey()), Base64.getDecoder().decode(file.getValue()));
        }
        String json = Objects.requireNonNull(attempt.getData().get(PlanRenderer.PLAN_KEY));
        JobPlan plan = JobPlan.fromJson(json.getBytes(StandardCharsets.UTF_8));
        return Engine.run(plan, EngineOptions.local(LAUNCHER, folder), Listener.NONE);
    }
}
