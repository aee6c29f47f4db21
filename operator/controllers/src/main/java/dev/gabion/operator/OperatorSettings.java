// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator;

import dev.gabion.api.runner.JobPlan;
import io.fabric8.kubernetes.api.model.Quantity;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an administrator may set, each by an environment variable; all are described in
 * docs/controller-flow/sandboxjob.md.
 *
 * @param maxRunningPerNamespace jobs of one namespace that may hold a pod at once
 * @param runnerMemory what the runner needs beside the job's memory and scratch
 * @param runnerCpu what the runner may use beside the job's CPU
 * @param cpuRequestPercent part of the pod's CPU limit that the scheduler reserves
 * @param imageDeadline how long a pod may lack its image before the attempt fails
 * @param startDeadline how long a scheduled pod may take to start for any other reason
 * @param runMargin how much longer than all the job's clocks a runner may live
 * @param nodeLostAfter how long a node may be unreachable before its pods are given up
 * @param terminationGrace how long a runner gets to end its guest and to say so
 * @param recheck how often to look at what no event announces: a source that appears, a quota with room again
 * @param podSeccompProfile the runner pod's profile, relative to the kubelet's seccomp folder
 * @param appArmorProfile the AppArmor profile on the nodes that runner pods use, if any
 * @param failpoints for tests
 */
public record OperatorSettings(
        int maxRunningPerNamespace,
        Quantity runnerMemory,
        Quantity runnerCpu,
        int cpuRequestPercent,
        Duration imageDeadline,
        Duration startDeadline,
        Duration runMargin,
        Duration nodeLostAfter,
        Duration terminationGrace,
        Duration recheck,
        String podSeccompProfile,
        Optional<String> appArmorProfile,
        Failpoints failpoints) {

    /** What holds when nothing is set. */
    public static final OperatorSettings DEFAULTS = from(Map.of());

    /**
     * Reads the variables.
     *
     * @throws IllegalArgumentException naming the variable and what is allowed
     */
    public static OperatorSettings from(Map<String, String> environment) {
        Reader reader = new Reader(environment);
        return new OperatorSettings(
                reader.integer("GABION_JOBS_MAX_RUNNING_PER_NAMESPACE", 20, 1, 10_000),
                reader.quantity("GABION_JOBS_RUNNER_MEMORY", Long.toString(JobPlan.RUNNER_OVERHEAD_BYTES)),
                reader.quantity("GABION_JOBS_RUNNER_CPU", "200m"),
                reader.integer("GABION_JOBS_CPU_REQUEST_PERCENT", 10, 0, 100),
                reader.seconds("GABION_JOBS_IMAGE_DEADLINE_SECONDS", 120, 1, 86_400),
                reader.seconds("GABION_JOBS_START_DEADLINE_SECONDS", 300, 1, 86_400),
                reader.seconds("GABION_JOBS_RUN_MARGIN_SECONDS", 60, 1, 3_600),
                reader.seconds("GABION_JOBS_NODE_LOST_SECONDS", 40, 1, 600),
                reader.seconds("GABION_JOBS_TERMINATION_GRACE_SECONDS", 10, 1, 300),
                reader.seconds("GABION_JOBS_RECHECK_SECONDS", 15, 1, 600),
                reader.text("GABION_JOBS_SECCOMP_PROFILE").orElse("gabion/runner.json"),
                reader.text("GABION_APP_ARMOR_PROFILE"),
                Failpoints.parse(reader.text("GABION_FAILPOINTS").orElse("")));
    }

    /** The same with other failpoints. */
    public OperatorSettings with(Failpoints others) {
        return new OperatorSettings(
                maxRunningPerNamespace,
                runnerMemory,
                runnerCpu,
                cpuRequestPercent,
                imageDeadline,
                startDeadline,
                runMargin,
                nodeLostAfter,
                terminationGrace,
                recheck,
                podSeccompProfile,
                appArmorProfile,
                others);
    }

    private record Reader(Map<String, String> environment) {

        Optional<String> text(String name) {
            return Optional.ofNullable(environment.get(name)).filter(text -> !text.isBlank());
        }

        int integer(String name, int fallback, int least, int most) {
            String text = text(name).orElse(Integer.toString(fallback));
            try {
                int value = Integer.parseInt(text.strip());
                if (value >= least && value <= most) {
                    return value;
                }
            } catch (NumberFormatException notANumber) {
                throw refused(name, text, least, most, notANumber);
            }
            throw refused(name, text, least, most, null);
        }

        private static IllegalArgumentException refused(
                String name, String text, int least, int most, @Nullable Exception cause) {
            return new IllegalArgumentException(
                    "%s is '%s'; it must be a whole number from %d to %d".formatted(name, text, least, most), cause);
        }

        Duration seconds(String name, int fallback, int least, int most) {
            return Duration.ofSeconds(integer(name, fallback, least, most));
        }

        Quantity quantity(String name, String fallback) {
            String text = text(name).orElse(fallback);
            try {
                Quantity quantity = Quantity.parse(text.strip());
                if (quantity.getNumericalAmount().signum() >= 0) {
                    return quantity;
                }
            } catch (IllegalArgumentException malformed) {
                throw new IllegalArgumentException(
                        "%s is '%s'; it must be a quantity such as %s".formatted(name, text, fallback), malformed);
            }
            throw new IllegalArgumentException("%s is '%s'; it must not be negative".formatted(name, text));
        }
    }
}
