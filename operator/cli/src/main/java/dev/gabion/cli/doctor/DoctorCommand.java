// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.doctor;

import dev.gabion.api.runner.SandboxResult;
import dev.gabion.api.runtimes.ShippedRuntimes;
import dev.gabion.api.v1alpha1.Control;
import dev.gabion.api.v1alpha1.ControlName;
import dev.gabion.api.v1alpha1.ControlState;
import dev.gabion.api.v1alpha1.Verdict;
import dev.gabion.cli.ExitCode;
import dev.gabion.cli.UserError;
import dev.gabion.cli.run.Documents;
import dev.gabion.cli.run.HostRuntimes;
import dev.gabion.cli.run.LocalRun;
import dev.gabion.cli.terminal.Table;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Tells what this machine gives. */
@Command(
        name = "doctor",
        description = {
            "Tell which layers of the isolation this machine gives, each by a real probe, and what to change.",
            "Exit code 0: jobs run here with every layer that is required; 1: they do not."
        })
public final class DoctorCommand implements Callable<Integer> {
    /** Controls of a pod: nothing to probe on a machine. */
    private static final Set<ControlName> OF_A_POD = EnumSet.of(
            ControlName.PodSeccomp,
            ControlName.NetworkPolicy,
            ControlName.NoApiServer,
            ControlName.NoClusterDns,
            ControlName.NoServiceAccountToken);

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "${COMPLETION-CANDIDATES}. Default: text.")
    private Documents.Format format = Documents.Format.text;

    @Override
    public Integer call() {
        List<Check> checks = new ArrayList<>(HostChecks.all(new HostFiles(Path.of("/"))));
        checks.add(HostChecks.landlock(Landlock.abi()));
        checks.addAll(sandbox());
        checks.addAll(interpreters());
        boolean healthy = checks.stream().noneMatch(check -> check.state() == Check.State.missing);
        print(checks, healthy);
        return healthy ? ExitCode.OK : ExitCode.FINDING;
    }

    /** Starts the isolation itself around an empty program; its own probes tell what held. */
    private static List<Check> sandbox() {
        SandboxResult result;
        try {
            result = LocalRun.probe();
        } catch (UserError e) {
            return List.of(Check.missing("sandbox", "could not be tried", String.valueOf(e.getMessage())));
        }
        List<Check> checks = new ArrayList<>();
        checks.add(
                result.verdict() == Verdict.OK
                        ? Check.ok("sandbox", "an empty program ran in it")
                        : Check.missing("sandbox", reason(result), "see the lines below and above"));
        for (Control control : result.controls()) {
            if (!OF_A_POD.contains(control.name())) {
                checks.add(check(control));
            }
        }
        return checks;
    }

    private static String reason(SandboxResult result) {
        return result.reasons().isEmpty()
                ? result.verdict().name()
                : String.valueOf(result.reasons().getFirst().message());
    }

    static Check check(Control control) {
        String name = "control " + control.name();
        String found = control.evidence() == null ? control.state().name() : control.evidence();
        if (control.name() == ControlName.CgroupMemory && control.state() == ControlState.Absent) {
            return Check.weaker(
                    name, "memory is watched, not a cgroup's", "in a cluster the pod's cgroup is the job's");
        }
        boolean optional = control.name() == ControlName.Landlock;
        return switch (control.state()) {
            case Present, Enforced, NotApplicable ->
                Check.ok(name, control.state() == ControlState.NotApplicable ? "not applicable: " + found : found);
            case Absent, NotEnforced ->
                optional
                        ? Check.weaker(name, found, "one layer less; see the lines above")
                        : Check.missing(name, found, "see the lines above; without it nothing runs");
            case Unknown -> Check.unknown(name, found);
        };
    }

    private static List<Check> interpreters() {
        List<Check> checks = new ArrayList<>();
        for (String name : ShippedRuntimes.names()) {
            List<String> missing = HostRuntimes.missing(name, HostRuntimes.find(name));
            checks.add(
                    missing.isEmpty()
                            ? Check.ok("runtime " + name, "runs here")
                            : Check.weaker(
                                    "runtime " + name,
                                    "not here: " + String.join(", ", missing),
                                    HostRuntimes.install(name)));
        }
        Path bubblewrap = Path.of("/usr/bin/bwrap");
        checks.add(Check.ok(
                "bubblewrap",
                Files.isExecutable(bubblewrap)
                        ? "here, for comparisons"
                        : "not here; only comparisons (make bench-sandbox) use it"));
        return checks;
    }

    private void print(List<Check> checks, boolean healthy) {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        if (format != Documents.Format.text) {
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("healthy", healthy);
            document.put("checks", checks);
            out.print(Documents.render(document, format));
        } else {
            Table table = new Table()
                    .column("STATE", Table.Side.LEFT)
                    .column("WHAT", Table.Side.LEFT)
                    .column("FOUND", Table.Side.LEFT);
            checks.forEach(check -> table.row(List.of(check.state().name(), check.name(), check.found())));
            table.lines().forEach(out::println);
            checks.stream()
                    .filter(check -> check.change() != null)
                    .forEach(check -> out.println(check.name() + ": change: " + check.change()));
            out.println(
                    healthy ? "Jobs run here." : "Jobs do not run here before the lines marked missing are changed.");
        }
        out.flush();
    }
}
