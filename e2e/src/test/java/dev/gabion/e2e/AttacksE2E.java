// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.Verdict;
import dev.gabion.e2e.harness.Attack;
import dev.gabion.e2e.harness.JobYaml;
import dev.gabion.e2e.harness.Jobs;
import dev.gabion.e2e.harness.OnCluster;
import dev.gabion.e2e.harness.Scenario;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Programs of the attack corpus in the pods of a real cluster, with an API server, a kubelet and other pods to aim at. */
@Order(12)
@OnCluster
class AttacksE2E {
    /** Each ends its guest, or might: one job each. */
    private static final List<String> ALONE = List.of(
            "network/tcp-api-server.py",
            "network/resolve-name.py",
            "network/tcp-metadata.py",
            "network/tcp-connect.py",
            "network/udp-send.py",
            "network/unix-abstract.py",
            "network/unix-docker.py",
            "network/bash-dev-tcp.sh",
            "network/node-connect.js",
            "network/netlink-route.c",
            "network/packet-raw.c",
            "kernel/unshare-user.c",
            "kernel/ptrace-attach.c",
            "mounts/pivot-root.c",
            "processes/kill-init.c",
            "processes/daemon-double-fork.py",
            "results/forge-result.py");

    /** Each looks at files and is refused: one job for all. */
    private static final List<String> TOGETHER = List.of(
            "reading/service-account-token.py",
            "reading/kubelet.py",
            "reading/host-logs.py",
            "reading/host-passwords.py",
            "reading/host-temporary.py",
            "reading/block-devices.py",
            "reading/memory-devices.py",
            "reading/proc-self.py",
            "reading/proc-init.py",
            "reading/proc-kernel.py",
            "reading/sys-tree.py",
            "reading/runner-environment.py",
            "reading/runner-plan.py",
            "reading/runner-program.py");

    private final Jobs jobs;

    AttacksE2E(Jobs jobs) {
        this.jobs = jobs;
    }

    static Stream<Attack> alone() {
        return ALONE.stream().map(Attack::read);
    }

    @BeforeAll
    void applyAll() {
        alone().forEach(attack -> jobs.apply(attack.name(), attack.spec()));
        String driver = """
                import os, subprocess, sys
                here = os.path.dirname(os.path.abspath(__file__))
                for name in sys.argv[1:]:
                    run = subprocess.run([sys.executable, os.path.join(here, name)], stdout=subprocess.PIPE, text=True)
                    print(name, run.returncode, run.stdout.strip().split("\\n")[-1], flush=True)
                """;
        String files = TOGETHER.stream()
                .map(path -> JobYaml.file(fileName(path), Attack.read(path).program()))
                .collect(Collectors.joining());
        String names = TOGETHER.stream().map(AttacksE2E::fileName).collect(Collectors.joining(", "));
        jobs.apply("together", JobYaml.python(driver, files + "args: [" + names + "]"));
    }

    private static String fileName(String path) {
        return path.substring(path.indexOf('/') + 1);
    }

    @Scenario(
            name =
                    "What a program does to reach the network, the API server, the kernel or its runner ends as the corpus says",
            steps = {
                "Run as jobs: connections to the API server, to the metadata address, to the node, by TCP, UDP, abstract and"
                        + " Docker's Unix sockets, from Python, bash and node; a name looked up; netlink and packet sockets, a user"
                        + " namespace, ptrace, pivot_root in C; a kill of everything, a daemon, a forged result"
            },
            expected = {
                "Each gets a verdict that the head of its file allows; a SecurityViolation names the system call of the head",
                "None prints ESCAPED; where it was contained, its last line says so"
            })
    @ParameterizedTest(name = "{0}")
    @MethodSource("alone")
    void endsAsTheCorpusSays(Attack attack) {
        SandboxJobStatus status = jobs.awaitEnd(attack.name()).getStatus();

        String said = Jobs.stdout(status).strip();
        boolean contained = status.verdict() == Verdict.OK
                && said.substring(said.lastIndexOf('\n') + 1).startsWith("CONTAINED");
        assertThat(attack.expect())
                .as("%s: %s", attack, status)
                .contains(contained ? "contained" : String.valueOf(status.verdict()));
        assertThat(said).as("%s: %s", attack, status).doesNotContain("ESCAPED");
        if (status.verdict() == Verdict.SecurityViolation) {
            assertThat(status.reasons().getFirst().observed()).startsWith(attack.syscall());
        }
    }

    @Scenario(
            name = "A guest in a pod finds no token, no file of the node or the kubelet, and nothing of its runner",
            steps = {
                "Run in one job the programs that look for the service-account token, the kubelet's and the node's files, logs and"
                        + " devices, /proc and /sys, and the runner's environment, plan and program"
            },
            expected = {"OK, and each of them ended with CONTAINED and exit code 0"})
    @Test
    void findsNothingToRead() {
        SandboxJobStatus status = Jobs.assertVerdict(jobs.awaitEnd("together"), Verdict.OK);

        List<String> lines = Jobs.stdout(status).lines().toList();
        assertThat(lines).hasSize(TOGETHER.size());
        for (int i = 0; i < lines.size(); i++) {
            assertThat(lines.get(i)).startsWith(fileName(TOGETHER.get(i)) + " 0 CONTAINED");
        }
    }
}
