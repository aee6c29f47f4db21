// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import dev.gabion.api.runner.JobPlan;
import dev.gabion.api.runner.RequiredControls;
import dev.gabion.api.v1alpha1.Control;
import dev.gabion.api.v1alpha1.ControlName;
import dev.gabion.api.v1alpha1.ControlState;
import dev.gabion.api.v1alpha1.IsolationLevel;
import dev.gabion.api.v1alpha1.ProcMount;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Which controls must be there before a guest may start, and whether they are. Pure. */
final class Requirements {

    /** Controls that only a pod can have. */
    static final Set<ControlName> OF_THE_POD = EnumSet.of(
            ControlName.PodSeccomp,
            ControlName.NetworkPolicy,
            ControlName.NoApiServer,
            ControlName.NoClusterDns,
            ControlName.NoServiceAccountToken);

    /**
     * What the plan asks for, or what its level stands for where it asks for nothing. A runtime's list is about level
     * Process: level Pod has no namespaces of its own and says so in the status, and a RuntimeClass brings its own uids
     * and filter.
     *
     * <p>Level Pod requires Landlock, whatever the list says: see {@link RequiredControls}. That holds under a
     * RuntimeClass, too.
     *
     * @param gvisor whether the kernel below is gVisor's: what only it cannot give is asked of every other RuntimeClass
     */
    static Set<ControlName> of(JobPlan plan, boolean inPod, boolean gvisor) {
        Set<ControlName> required = plan.requiredControls().isEmpty()
                ? RequiredControls.ofLevel(plan.isolation(), inPod)
                : EnumSet.copyOf(plan.requiredControls());
        if (plan.isolation() == IsolationLevel.Pod) {
            required.removeAll(RequiredControls.onlyOfProcess());
            required.addAll(RequiredControls.onlyOfPod());
        }
        if (plan.runtimeClassName() != null) {
            required.remove(ControlName.UidMap);
            required.remove(ControlName.PodSeccomp);
        }
        if (gvisor) {
            // Its new network namespaces always have their loopback up. NetworkNamespace stays required.
            required.remove(ControlName.NoNetworkInterface);
        }
        return required;
    }

    /** The required controls that are not there, each with the state that was found. Empty: the guest may start. */
    static List<Control> missing(JobPlan plan, boolean inPod, boolean gvisor, List<Control> found) {
        Map<ControlName, Control> byName = new EnumMap<>(ControlName.class);
        found.forEach(control -> byName.put(control.name(), control));
        List<Control> missing = new ArrayList<>();
        for (ControlName name : of(plan, inPod, gvisor)) {
            Control control = byName.get(name);
            if (control == null) {
                missing.add(new Control(name, ControlState.Unknown, "it was not probed"));
            } else if (!stands(control, plan, inPod)) {
                missing.add(control);
            }
        }
        return missing;
    }

    private static boolean stands(Control control, JobPlan plan, boolean inPod) {
        return switch (control.state()) {
            case Present, Enforced -> true;
            case Absent, NotEnforced, Unknown -> false;
            case NotApplicable ->
                (!inPod && OF_THE_POD.contains(control.name()))
                        || (control.name() == ControlName.ProcHidden
                                && plan.program().proc() == ProcMount.Private);
        };
    }

    private Requirements() {}
}
