// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.limits;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.limits.LimitsResolution.Refused;
import dev.gabion.api.limits.LimitsResolution.Resolved;
import dev.gabion.api.v1alpha1.CompileLimits;
import dev.gabion.api.v1alpha1.CompileStep;
import dev.gabion.api.v1alpha1.Limits;
import dev.gabion.api.v1alpha1.SandboxRuntimeSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class LimitsResolverTest {

    private static final SandboxRuntimeSpec PLAIN = SandboxRuntimeSpec.builder()
            .image("runner")
            .fileName("main.py")
            .command(List.of("python3", "{file}"))
            .build();

    @Test
    void fallsBackFromJobToRuntimeToPlatform() {
        SandboxRuntimeSpec runtime = PLAIN.toBuilder()
                .defaults(Limits.builder()
                        .memory(Quantity.parse("100Mi"))
                        .processes(7)
                        .build())
                .maximum(Limits.builder().memory(Quantity.parse("1Gi")).build())
                .build();
        Limits asked = Limits.builder().memory(Quantity.parse("128Mi")).build();

        LimitsResolution resolution = LimitsResolver.resolve(asked, "python", runtime);

        assertThat(resolution).isInstanceOfSatisfying(Resolved.class, resolved -> {
            assertThat(resolved.limits().memoryBytes()).isEqualTo(128L << 20);
            assertThat(resolved.limits().processes()).isEqualTo(7);
            assertThat(resolved.limits().cpuMillicores()).isEqualTo(1000);
            assertThat(resolved.limits().wallTimeMilliseconds()).isEqualTo(30_000);
            assertThat(resolved.limits().compile()).isNull();
        });
    }

    @Test
    void refusesMoreThanTheMaximumAndNamesEveryField() {
        SandboxRuntimeSpec runtime = PLAIN.toBuilder()
                .maximum(Limits.builder()
                        .memory(Quantity.parse("1Gi"))
                        .cpu(Quantity.parse("1500m"))
                        .build())
                .build();
        Limits asked = Limits.builder()
                .memory(Quantity.parse("2Gi"))
                .cpu(Quantity.parse("2"))
                .build();

        LimitsResolution resolution = LimitsResolver.resolve(asked, "python", runtime);

        assertThat(((Refused) resolution).problems())
                .extracting(Object::toString)
                .containsExactly(
                        "spec.limits.cpu: 2 is more than the runtime python allows; at most 1500m",
                        "spec.limits.memory: 2Gi is more than the runtime python allows; at most 1Gi");
    }

    @Test
    void aMaximumThatIsNotGivenIsTheDefault() {
        LimitsResolution resolution =
                LimitsResolver.resolve(Limits.builder().processes(65).build(), "python", PLAIN);

        assertThat(((Refused) resolution).problems())
                .extracting(Object::toString)
                .containsExactly("spec.limits.processes: 65 is more than the runtime python allows; at most 64");
    }

    @Test
    void aRuntimeWhoseDefaultExceedsItsMaximumIsNamed() {
        SandboxRuntimeSpec runtime = PLAIN.toBuilder()
                .maximum(Limits.builder().processes(10).build())
                .build();

        assertThat(((Refused) LimitsResolver.resolve(Limits.NONE, "python", runtime)).problems())
                .singleElement()
                .satisfies(problem ->
                        assertThat(problem.field()).isEqualTo("SandboxRuntime python spec.maximum.processes"));
    }

    @Test
    void compileLimitsAreThoseOfTheCompileStepOnly() {
        SandboxRuntimeSpec compiled = PLAIN.toBuilder()
                .compile(new CompileStep(List.of("cc", "{file}")))
                .build();
        Limits asked = Limits.builder()
                .compile(new CompileLimits(1_000L, null, null, null, null, null, null))
                .build();

        Resolved resolved = (Resolved) LimitsResolver.resolve(asked, "c", compiled);
        assertThat(Objects.requireNonNull(resolved.limits().compile()).cpuTimeMilliseconds())
                .isEqualTo(1_000);
        assertThat(resolved.limits().compile().wallTimeMilliseconds()).isEqualTo(60_000);

        assertThat(((Refused) LimitsResolver.resolve(asked, "python", PLAIN)).problems())
                .extracting(Object::toString)
                .containsExactly("spec.limits.compile: the runtime python has no compile step; leave the field out");
    }
}
