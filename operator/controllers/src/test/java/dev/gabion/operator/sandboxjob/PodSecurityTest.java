// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.v1alpha1.ConditionTypes;
import dev.gabion.api.v1alpha1.ProcMount;
import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.SandboxRuntime;
import dev.gabion.operator.sandboxjob.Conditions.Say;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class PodSecurityTest {
    @Test
    void restrictedIsReady() {
        assertThat(condition("restricted"))
                .isEqualTo(Say.yes("PodSecurityEnforced", "the namespace enforces Pod Security restricted"));
    }

    @Test
    void noLabelIsSaidWithTheCommand() {
        assertThat(condition(""))
                .isEqualTo(Say.no(
                        "PodSecurityNotEnforced",
                        "namespace team-a has no label"
                                + " pod-security.kubernetes.io/enforce; the job's own pod is held to it all the same, other pods are not;"
                                + " to enforce it: kubectl label --overwrite namespace team-a"
                                + " pod-security.kubernetes.io/enforce=restricted"));
    }

    @Test
    void aWeakerLevelIsNamed() {
        assertThat(condition("baseline").message())
                .startsWith("namespace team-a enforces Pod Security baseline, which is not restricted;")
                .endsWith("kubectl label --overwrite namespace team-a pod-security.kubernetes.io/enforce=restricted");
        assertThat(condition("privileged").reason()).isEqualTo("PodSecurityNotEnforced");
    }

    @Test
    void aRuntimeThatRestrictedRefusesIsNotSentThere() {
        SandboxRuntime runtime = TestJobs.runtime();
        runtime.setSpec(runtime.getSpec().toBuilder().proc(ProcMount.Private).build());

        assertThat(PodSecurity.condition(new PodSecurity.Enforced("team-a", "privileged"), runtime)
                        .message())
                .doesNotContain("kubectl label")
                .endsWith("runtime python gives its guests a /proc of their own, which restricted does not admit");
    }

    @Test
    void aNamespaceThatCannotBeReadIsUnknown() {
        assertThat(PodSecurity.condition(new PodSecurity.Unreadable("team-a"), null))
                .satisfies(say -> assertThat(say.status()).isEqualTo("Unknown"))
                .satisfies(say -> assertThat(say.reason()).isEqualTo("NamespaceNotReadable"));
    }

    @Test
    void whatWasSaidLastStaysWhileNobodyLooks() {
        SandboxJob job = TestJobs.job(UnaryOperator.identity());
        Observation looked = new Observation(
                job, TestJobs.runtime(), List.of(), null, new PodSecurity.Enforced("team-a", "baseline"), null);
        job.setStatus(StatusFactory.of(job, looked, TestJobs.NOW).begun(1, "pod-1", TestJobs.LIMITS));
        Condition said = ready(job.getStatus());

        Observation later = TestJobs.seen(job);
        SandboxJobStatus failed = StatusFactory.of(job, later, TestJobs.NOW.plusSeconds(5))
                .attemptFailed(1, null, Reasons.EVICTED, "full");

        assertThat(said.getReason()).isEqualTo(Reasons.POD_SECURITY_NOT_ENFORCED);
        assertThat(ready(failed)).isEqualTo(said);
        assertThat(failed.conditions()).hasSize(4);
    }

    private static Condition ready(SandboxJobStatus status) {
        return Conditions.find(status, ConditionTypes.NAMESPACE_READY).orElseThrow();
    }

    private static Say condition(String level) {
        return PodSecurity.condition(new PodSecurity.Enforced("team-a", level), TestJobs.runtime());
    }
}
