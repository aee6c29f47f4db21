// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import dev.gabion.api.v1alpha1.Control;
import dev.gabion.api.v1alpha1.ControlName;
import dev.gabion.api.v1alpha1.ControlState;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Proves the walls of the runner's own pod, from inside it. Quick: the network probes run side by side and wait
 * {@link #TIMEOUT_MILLISECONDS} each.
 */
public interface PodProbes {
    int TIMEOUT_MILLISECONDS = 300;

    /** Where the kubelet mounts the token of a pod that has one. */
    Path TOKEN = Path.of("/var/run/secrets/kubernetes.io/serviceaccount/token");

    List<Control> probe();

    /** There is no pod. */
    PodProbes NONE = () -> {
        List<Control> controls = new ArrayList<>();
        for (ControlName name : Requirements.OF_THE_POD) {
            controls.add(new Control(name, ControlState.NotApplicable, "not in a pod"));
        }
        return controls;
    };

    static PodProbes real() {
        return new RealPodProbes(Path.of("/proc"), TOKEN, Path.of("/etc/resolv.conf"), System.getenv());
    }
}
