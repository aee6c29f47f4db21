// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.e2e.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeTestExecutionCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/** Installs the chart once per run, gives each class its namespace, explains a failed test, reads the operator's log. */
final class ClusterExtension
        implements ParameterResolver,
                BeforeTestExecutionCallback,
                AfterTestExecutionCallback,
                TestExecutionExceptionHandler,
                AfterAllCallback {
    private static final Namespace NAMESPACE = Namespace.create(ClusterExtension.class);
    private static final long BEGIN = System.nanoTime();

    /** The cluster with the release on it, closed when all classes are done. */
    private record Installed(TestCluster cluster, OperatorLog log) implements AutoCloseable {
        static Installed begin() {
            TestCluster cluster = new TestCluster();
            say("installing the chart");
            Release.install(cluster);
            return new Installed(
                    cluster,
                    new OperatorLog(cluster.clientOfItsOwn(), TestCluster.source("e2e", "target", "operator-logs")));
        }

        @Override
        public void close() {
            log.close();
            cluster.close();
        }
    }

    private record Subject(Jobs jobs, Map<Path, Integer> mark) {}

    private static Installed installed(ExtensionContext context) {
        return context.getRoot()
                .getStore(NAMESPACE)
                .getOrComputeIfAbsent(Installed.class, type -> Installed.begin(), Installed.class);
    }

    private static Subject subject(ExtensionContext context) {
        Installed installed = installed(context);
        Class<?> type = context.getRequiredTestClass();
        Store store = context.getRoot().getStore(NAMESPACE);
        return store.getOrComputeIfAbsent(
                type,
                key -> new Subject(
                        new Jobs(
                                installed.cluster().client(),
                                type.getSimpleName().replace("E2E", "").toLowerCase(Locale.ROOT)),
                        installed.log().mark()),
                Subject.class);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == TestCluster.class || type == Jobs.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Jobs.class
                ? subject(context).jobs()
                : installed(context).cluster();
    }

    @Override
    public void beforeTestExecution(ExtensionContext context) {
        say("== " + context.getRequiredTestClass().getSimpleName() + ": " + context.getDisplayName());
    }

    @Override
    public void afterTestExecution(ExtensionContext context) {
        say((context.getExecutionException().isPresent() ? "FAIL " : "ok   ") + context.getDisplayName());
    }

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable thrown) throws Throwable {
        Installed installed = installed(context);
        String namespace = subject(context).jobs().namespace();
        TestCluster cluster = installed.cluster();
        say("FAIL " + context.getDisplayName() + ": " + thrown.getMessage());
        for (String what : new String[] {"sandboxjobs", "pods"}) {
            say(cluster.tryKubectl("get", what, "-n", namespace, "-o", "wide").output());
        }
        say(cluster.tryKubectl("get", "events", "-n", namespace, "--sort-by=.lastTimestamp")
                .output()
                .lines()
                .reduce("", (all, line) -> (all.length() > 8_000 ? all.substring(4_000) : all) + line + "\n"));
        say("the operator's log:\n" + installed.log().tail(40));
        throw thrown;
    }

    @Override
    public void afterAll(ExtensionContext context) {
        Subject subject = subject(context);
        subject.jobs().close();
        assertThat(installed(context).log().errorsSince(subject.mark()))
                .as(
                        "errors in the operator's log while %s ran",
                        context.getRequiredTestClass().getSimpleName())
                .isEmpty();
    }

    /** Progress for who reads along; the tests' own output is nothing else. */
    @SuppressWarnings("SystemOut")
    static void say(String text) {
        Duration since = Duration.ofNanos(System.nanoTime() - BEGIN);
        System.out.printf("[%02d:%02d] %s%n", since.toMinutes(), since.toSecondsPart(), text);
    }
}
