// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.runner.JobPlan;
import dev.gabion.api.runner.RequiredControls;
import dev.gabion.api.v1alpha1.Control;
import dev.gabion.api.v1alpha1.ControlName;
import dev.gabion.api.v1alpha1.ControlState;
import dev.gabion.api.v1alpha1.IsolationLevel;
import dev.gabion.api.v1alpha1.ProcMount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RequirementsTest {

    @Test
    void whatIsThereIsEnough() {
        assertThat(Requirements.missing(plan(IsolationLevel.Process), true, false, all(ControlState.Present)))
                .isEmpty();
    }

    @Test
    void eachStateButPresentAndEnforcedIsMissing() {
        for (ControlState state : List.of(ControlState.Absent, ControlState.NotEnforced, ControlState.Unknown)) {
            assertThat(Requirements.missing(
                            plan(IsolationLevel.Process, ControlName.NetworkPolicy),
                            true,
                            false,
                            List.of(new Control(ControlName.NetworkPolicy, state, "seen"))))
                    .as(state.name())
                    .containsExactly(new Control(ControlName.NetworkPolicy, state, "seen"));
        }
        assertThat(Requirements.missing(
                        plan(IsolationLevel.Process, ControlName.NetworkPolicy),
                        true,
                        false,
                        List.of(new Control(ControlName.NetworkPolicy, ControlState.Enforced, "seen"))))
                .isEmpty();
    }

    @Test
    void whatWasNotProbedIsMissing() {
        assertThat(Requirements.missing(plan(IsolationLevel.Process, ControlName.Seccomp), false, false, List.of()))
                .extracting(Control::name)
                .containsExactly(ControlName.Seccomp);
    }

    @Test
    void outsideAPodItsControlsAreNotMissed() {
        JobPlan plan = plan(IsolationLevel.Process, ControlName.PodSeccomp, ControlName.NoServiceAccountToken);

        assertThat(Requirements.missing(plan, false, false, PodProbes.NONE.probe()))
                .isEmpty();
        assertThat(Requirements.missing(plan, true, false, PodProbes.NONE.probe()))
                .hasSize(2);
    }

    @Test
    void whatARuntimeAddsIsRequiredBesideTheLevelsOwn() {
        List<ControlName> listed =
                RequiredControls.listed(List.of(ControlName.NetworkPolicy), IsolationLevel.Process, true);
        JobPlan plan = plan(IsolationLevel.Process, listed.toArray(ControlName[]::new));

        assertThat(Requirements.of(plan, true, false))
                .containsAll(Requirements.of(plan(IsolationLevel.Process), true, false))
                .contains(ControlName.NetworkPolicy);
    }

    /** A runtime's list is about level Process; level Pod has what it has, and is asked for by name. */
    @Test
    void levelPodDoesNotAskForTheNamespacesItHasNot() {
        JobPlan plan = plan(
                IsolationLevel.Pod,
                ControlName.PidNamespace,
                ControlName.ReadOnlyRoot,
                ControlName.UidMap,
                ControlName.Seccomp);

        assertThat(Requirements.of(plan, true, false))
                .containsExactlyInAnyOrder(ControlName.Seccomp, ControlName.Landlock);
    }

    /** Without it the guest could write its own verdict: same uid, same /proc, same /dev as the runner. */
    @Test
    void levelPodNeedsLandlockWhateverTheListSaysAndWhereverItRuns() {
        Control absent = new Control(ControlName.Landlock, ControlState.Absent, "not in this kernel");
        JobPlan listed = plan(IsolationLevel.Pod, ControlName.Seccomp);
        List<JobPlan> plans =
                List.of(plan(IsolationLevel.Pod), listed, underGvisor(listed), underGvisor(plan(IsolationLevel.Pod)));
        List<Control> found = Stream.concat(
                        all(ControlState.Present).stream().filter(control -> control.name() != ControlName.Landlock),
                        Stream.of(absent))
                .toList();

        for (JobPlan plan : plans) {
            assertThat(Requirements.missing(plan, true, false, found)).containsExactly(absent);
            assertThat(Requirements.missing(plan, true, false, all(ControlState.Present)))
                    .isEmpty();
        }
        assertThat(Requirements.missing(plan(IsolationLevel.Process), true, false, found))
                .isEmpty();
    }

    @Test
    void aRuntimeClassBringsItsOwnUidsAndFilter() {
        JobPlan bare = plan(IsolationLevel.Process, ControlName.UidMap, ControlName.PodSeccomp, ControlName.Seccomp);
        JobPlan plan = underGvisor(bare);

        assertThat(Requirements.of(plan, true, false)).containsExactly(ControlName.Seccomp);
        assertThat(Requirements.of(bare, true, false)).hasSize(3);
    }

    /** Kata has a kernel that can, and must; gVisor is known by its kernel, whatever its RuntimeClass is called. */
    @Test
    void onlyGvisorIsNotAskedForANetworkWithoutLoopback() {
        JobPlan plan = underGvisor(plan(IsolationLevel.Process));

        assertThat(Requirements.of(plan, true, false))
                .contains(ControlName.NoNetworkInterface, ControlName.NetworkNamespace);
        assertThat(Requirements.of(plan, true, true))
                .contains(ControlName.NetworkNamespace)
                .doesNotContain(ControlName.NoNetworkInterface);
    }

    @Test
    void gvisorIsKnownByItsKernel(@TempDir Path proc) throws IOException {
        Map<String, Boolean> versions = Map.of(
                "Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016", true,
                "Linux version 4.19.0-gvisor #1 SMP Sun Jan 10 15:06:54 PST 2016", true,
                "Linux version 5.15.0-gvisor #1 SMP of another day", true,
                "Linux version 6.18.5 (kata@build) (gcc 14.2.0) #1 SMP Mon Nov 3 08:00:00 UTC 2025", false,
                "Linux version 4.4.0 (build@host) (gcc 5.4.0) #1 SMP Sun Jan 10 15:06:55 PST 2016", false);

        for (Map.Entry<String, Boolean> version : versions.entrySet()) {
            Files.writeString(proc.resolve("version"), version.getKey() + "\n");
            assertThat(Root.isGvisor(proc)).as(version.getKey()).isEqualTo(version.getValue());
        }
        assertThat(Root.isGvisor(proc.resolve("none"))).isFalse();
    }

    @Test
    void aPrivateProcIsNotHidden() {
        Control mounted = new Control(ControlName.ProcHidden, ControlState.NotApplicable, "mounted");
        JobPlan asked = Jobs.python("")
                .proc(ProcMount.Private)
                .required(ControlName.ProcHidden)
                .plan();
        JobPlan notAsked = Jobs.python("").required(ControlName.ProcHidden).plan();

        assertThat(Requirements.missing(asked, false, false, List.of(mounted))).isEmpty();
        assertThat(Requirements.missing(notAsked, false, false, List.of(mounted)))
                .containsExactly(mounted);
    }

    @Test
    void aPlanThatAsksForNothingGetsItsLevelsControls() {
        assertThat(Requirements.of(plan(IsolationLevel.Process), true, false))
                .contains(ControlName.PidNamespace, ControlName.PodSeccomp, ControlName.UidMap, ControlName.Seccomp)
                .doesNotContain(ControlName.NetworkPolicy, ControlName.Landlock, ControlName.CgroupMemory);
        assertThat(Requirements.of(plan(IsolationLevel.Pod), true, false))
                .contains(ControlName.NoNewPrivileges, ControlName.PodSeccomp, ControlName.Landlock)
                .doesNotContain(ControlName.PidNamespace, ControlName.UidMap);
    }

    private static JobPlan underGvisor(JobPlan bare) {
        return new JobPlan(
                1,
                "n",
                "j",
                "u",
                1,
                bare.program(),
                null,
                null,
                null,
                null,
                null,
                bare.isolation(),
                "gvisor",
                null,
                null,
                bare.limits(),
                bare.requiredControls());
    }

    private static JobPlan plan(IsolationLevel level, ControlName... required) {
        return Jobs.python("").level(level).required(required).plan();
    }

    private static List<Control> all(ControlState state) {
        return Stream.of(ControlName.values())
                .map(name -> new Control(name, state, "seen"))
                .toList();
    }
}
