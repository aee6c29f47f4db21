// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.runner;

import dev.gabion.api.v1alpha1.ControlName;
import dev.gabion.api.v1alpha1.IsolationLevel;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The controls that an isolation level stands for: required of every job, whatever its runtime adds. Pure. */
public final class RequiredControls {
    private static final Set<ControlName> OF_EVERY_LEVEL = EnumSet.of(
            ControlName.NoNewPrivileges, ControlName.NoCapabilities, ControlName.Seccomp, ControlName.ResourceLimits);

    private static final Set<ControlName> OF_PROCESS = EnumSet.of(
            ControlName.UserNamespace,
            ControlName.PidNamespace,
            ControlName.MountNamespace,
            ControlName.NetworkNamespace,
            ControlName.IpcNamespace,
            ControlName.UtsNamespace,
            ControlName.ReadOnlyRoot,
            ControlName.NoNetworkInterface,
            ControlName.ProcHidden,
            ControlName.UidMap);

    /**
     * The guest has the runner's uid and sees its processes: without Landlock it writes the runner's memory or the
     * termination message, and with them its own verdict.
     */
    private static final Set<ControlName> OF_POD = EnumSet.of(ControlName.Landlock);

    private RequiredControls() {}

    /** The level's own; a set of the caller's. */
    public static Set<ControlName> ofLevel(IsolationLevel level, boolean inPod) {
        Set<ControlName> required = EnumSet.copyOf(OF_EVERY_LEVEL);
        required.addAll(level == IsolationLevel.Process ? OF_PROCESS : OF_POD);
        if (inPod) {
            required.add(ControlName.NoServiceAccountToken);
            required.add(ControlName.PodSeccomp);
        }
        return required;
    }

    /** What only level Process has; a set of the caller's. */
    public static Set<ControlName> onlyOfProcess() {
        return EnumSet.copyOf(OF_PROCESS);
    }

    /** What level Pod needs in place of them; a set of the caller's. */
    public static Set<ControlName> onlyOfPod() {
        return EnumSet.copyOf(OF_POD);
    }

    /**
     * What a plan lists: the level's own and those that the runtime adds. Empty where it adds none, which stands for the
     * level's own.
     */
    public static List<ControlName> listed(List<ControlName> added, IsolationLevel level, boolean inPod) {
        if (added.isEmpty()) {
            return List.of();
        }
        Set<ControlName> required = ofLevel(level, inPod);
        required.addAll(added);
        return List.copyOf(required);
    }
}
