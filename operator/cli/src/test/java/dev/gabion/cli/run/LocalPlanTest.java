// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gabion.api.runner.JobPlan;
import dev.gabion.api.runner.PlanFile;
import dev.gabion.api.v1alpha1.ControlName;
import dev.gabion.api.v1alpha1.Isolation;
import dev.gabion.api.v1alpha1.IsolationLevel;
import dev.gabion.api.v1alpha1.Limits;
import dev.gabion.api.v1alpha1.SandboxJobSpec;
import dev.gabion.api.v1alpha1.SandboxRuntimeSpec;
import dev.gabion.api.v1alpha1.Source;
import dev.gabion.api.v1alpha1.SourceFile;
import dev.gabion.cli.UserError;
import java.util.List;
import org.junit.jupiter.api.Test;

class LocalPlanTest {
    private static SandboxJobSpec.Builder job() {
        return SandboxJobSpec.builder()
                .runtime("python")
                .source(Source.inline(SourceFile.text("data.txt", ""), SourceFile.text("main.py", "")));
    }

    private static JobPlan plan(SandboxJobSpec spec) {
        return LocalPlan.of(new JobFile("hello", spec), HostRuntimes.find(spec.runtime()));
    }

    @Test
    void theProgramComesFirstAndEveryLimitIsResolved() {
        JobPlan plan =
                plan(job().limits(Limits.builder().wallTimeMilliseconds(2_000L).build())
                        .build());
        assertThat(plan.files()).extracting(PlanFile::name).containsExactly("main.py", "data.txt");
        assertThat(plan.limits().wallTimeMilliseconds()).isEqualTo(2_000);
        assertThat(plan.limits().memoryBytes()).isEqualTo(256L << 20);
        assertThat(plan.seccompProfile()).isEqualTo("python");
    }

    @Test
    void controlsThatOnlyAPodHasAreNotRequiredHere() {
        SandboxRuntimeSpec runtime = HostRuntimes.find("python").toBuilder()
                .requiredControls(
                        List.of(ControlName.Landlock, ControlName.PodSeccomp, ControlName.NoServiceAccountToken))
                .build();
        assertThat(LocalPlan.of(new JobFile("hello", job().build()), runtime).requiredControls())
                .contains(ControlName.Landlock, ControlName.PidNamespace)
                .doesNotContain(ControlName.PodSeccomp, ControlName.NoServiceAccountToken);
    }

    @Test
    void whatNeedsAClusterIsRefusedByName() {
        refused(job().source(Source.configMap("x")).build(), "spec.source: only inline files");
        refused(
                job().isolation(new Isolation(IsolationLevel.Pod, null, null)).build(),
                "--level: Pod is the isolation of a pod, and there is none here");
        refused(
                job().isolation(new Isolation(null, "gvisor", null)).build(),
                "--runtime-class-name: a RuntimeClass is the cluster's");
        refused(
                job().isolation(new Isolation(null, null, "node")).build(),
                "--seccomp-profile: the runtime python has no profile 'node'; give python");
        refused(
                job().limits(Limits.builder().processes(4096).build()).build(),
                "spec.limits.processes: 4096 is more than the runtime python allows; at most 512");
        refused(job().source(Source.inline(SourceFile.text("../x", ""))).build(), "spec.source.inline: '../x'");
    }

    @Test
    void aRuntimeThatIsNotHereIsNamedWithWhatInstallsIt() {
        assertThatThrownBy(() -> HostRuntimes.find("ruby"))
                .isInstanceOf(UserError.class)
                .hasMessage("--runtime: there is no runtime 'ruby' on this machine; there are bash, c, node, python,"
                        + " python-scientific");
        assertThat(HostRuntimes.missing(java.nio.file.Path.of("/nowhere"), "c", HostRuntimes.find("c")))
                .containsExactly("/usr/bin/gcc");
        assertThat(HostRuntimes.install("c")).isEqualTo("apt-get install -y gcc libc6-dev");
    }

    private static void refused(SandboxJobSpec spec, String message) {
        assertThatThrownBy(() -> plan(spec)).isInstanceOf(UserError.class).hasMessageContaining(message);
    }
}
