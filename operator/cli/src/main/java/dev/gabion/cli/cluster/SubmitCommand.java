// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.cluster;

import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobSpec;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.Verdict;
import dev.gabion.cli.ExitCode;
import dev.gabion.cli.UserError;
import dev.gabion.cli.run.Documents;
import dev.gabion.cli.run.JobFile;
import dev.gabion.cli.run.JobOptions;
import dev.gabion.cli.value.LimitConverters;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import java.io.PrintWriter;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Makes a job of the cluster from what {@code run} takes. */
@Command(name = "submit", description = "Make a SandboxJob of the cluster from the same flags run takes.")
public final class SubmitCommand implements Callable<Integer> {
    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--name",
            paramLabel = "NAME",
            description = "The job's name. Default: the program's with a random end.")
    private @Nullable String name;

    @Option(names = "--dry-run", description = "Print the SandboxJob's YAML and submit nothing.")
    private boolean dryRun;

    @Option(names = "--wait", description = "Wait for the verdict. Exit code 0 when it is OK, else 1.")
    private boolean wait;

    @Option(
            names = "--max-attempts",
            paramLabel = "N",
            converter = LimitConverters.Attempts.class,
            description = "Attempts when the infrastructure fails, 1 to 10. Default: 3.")
    private @Nullable Integer maxAttempts;

    @Option(
            names = "--ttl-seconds-after-finished",
            paramLabel = "N",
            converter = LimitConverters.TimeToLive.class,
            description = "Seconds after its end at which the job is deleted, 0 to 31536000. Default: it is kept.")
    private @Nullable Integer ttlSecondsAfterFinished;

    @Option(
            names = "--suspend",
            negatable = true,
            description = "Make the job wait, without a pod, until spec.suspend is set to false. Default: it does not.")
    private @Nullable Boolean suspend;

    @Mixin
    private JobOptions options = new JobOptions();

    @ArgGroup(exclusive = false, validate = false, heading = "%nCluster:%n")
    private ClusterOptions access = new ClusterOptions();

    @Override
    public Integer call() {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        if (name != null && !name.matches("[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")) {
            throw new UserError("--name: '" + name + "' is not allowed here; give lower-case letters, digits and '-'");
        }
        JobFile file = options.job();
        if (file.profile() != null) {
            throw new UserError(
                    "--seccomp-profile: a file is for this machine only; in a cluster the administrator puts"
                            + " it into spec.customSeccompProfiles of the SandboxRuntime, then give its name");
        }
        SandboxJob job = new SandboxJob();
        job.setMetadata(
                name == null
                        ? new ObjectMetaBuilder()
                                .withGenerateName(file.name() + "-")
                                .build()
                        : new ObjectMetaBuilder().withName(name).build());
        job.setSpec(merged(file.spec()));
        if (dryRun) {
            out.print(Documents.render(Documents.json().valueToTree(job), Documents.Format.yaml));
            out.flush();
            return ExitCode.OK;
        }
        if (wait && Boolean.TRUE.equals(job.getSpec().suspend())) {
            throw new UserError(
                    "--wait: a suspended job has no verdict to wait for; leave out one of --wait and --suspend");
        }
        return access.call(client -> {
            SandboxJob made = client.resources(SandboxJob.class)
                    .inNamespace(client.getNamespace())
                    .resource(job)
                    .create();
            String madeName = made.getMetadata().getName();
            out.println("sandboxjob/" + madeName);
            out.flush();
            if (!wait) {
                return ExitCode.OK;
            }
            long deadline = System.nanoTime() + TimeUnit.HOURS.toNanos(24);
            SandboxJobStatus status = JobView.status(WaitCommand.await(client, madeName, deadline));
            out.println(madeName + ": " + JobView.state(status));
            out.flush();
            return status.verdict() == Verdict.OK ? ExitCode.OK : ExitCode.FINDING;
        });
    }

    /** What only a cluster can do with a job; what was given here wins over the job's file. */
    private SandboxJobSpec merged(SandboxJobSpec base) {
        SandboxJobSpec.Builder spec = base.toBuilder();
        if (maxAttempts != null) {
            spec.maxAttempts(maxAttempts);
        }
        if (ttlSecondsAfterFinished != null) {
            spec.ttlSecondsAfterFinished(ttlSecondsAfterFinished);
        }
        if (suspend != null) {
            spec.suspend(suspend);
        }
        return spec.build();
    }
}
