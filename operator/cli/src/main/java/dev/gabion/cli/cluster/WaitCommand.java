// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.cluster;

import dev.gabion.api.v1alpha1.SandboxJob;
import dev.gabion.api.v1alpha1.SandboxJobStatus;
import dev.gabion.api.v1alpha1.Verdict;
import dev.gabion.cli.ExitCode;
import dev.gabion.cli.UserError;
import dev.gabion.cli.value.Values;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientTimeoutException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** Waits until jobs have ended. */
@Command(
        name = "wait",
        description = "Wait until jobs have ended, and print each verdict. Exit code 0 when all are OK, else 1.")
public final class WaitCommand implements Callable<Integer> {
    private static final long DAY = 86_400_000;

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "JOB", arity = "1..*", description = "The jobs.")
    private List<String> names = List.of();

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            converter = Timeout.class,
            description = "How long: 30s, 5m. Default: 10m.")
    private long timeoutMilliseconds = TimeUnit.MINUTES.toMillis(10);

    @ArgGroup(exclusive = false, validate = false, heading = "%nCluster:%n")
    private ClusterOptions access = new ClusterOptions();

    /** A time. */
    static final class Timeout implements ITypeConverter<Long> {
        @Override
        public Long convert(String text) {
            try {
                return Values.milliseconds(text, 1, DAY);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    @Override
    public Integer call() {
        PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMilliseconds);
        return access.call(client -> {
            boolean allOk = true;
            for (String name : names) {
                SandboxJobStatus status = JobView.status(await(client, name, deadline));
                out.println(name + ": " + JobView.state(status)
                        + (status.exitCode() == null ? "" : ", exit code " + status.exitCode()));
                out.flush();
                allOk &= status.verdict() == Verdict.OK;
            }
            return allOk ? ExitCode.OK : ExitCode.FINDING;
        });
    }

    static SandboxJob await(KubernetesClient client, String name, long deadline) {
        ResultStore.job(client, name);
        try {
            SandboxJob ended = client.resources(SandboxJob.class)
                    .inNamespace(client.getNamespace())
                    .withName(name)
                    .waitUntilCondition(
                            job -> job == null || JobView.ended(job),
                            Math.max(1, deadline - System.nanoTime()),
                            TimeUnit.NANOSECONDS);
            if (ended == null) {
                throw new UserError("the job '" + name + "' was deleted before it ended", ExitCode.FINDING);
            }
            return ended;
        } catch (KubernetesClientTimeoutException e) {
            throw new UserError("the job '" + name + "' has not ended in the time given", ExitCode.FINDING);
        }
    }
}
