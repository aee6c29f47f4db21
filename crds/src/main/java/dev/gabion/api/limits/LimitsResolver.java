// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.limits;

import dev.gabion.api.limits.LimitsResolution.Problem;
import dev.gabion.api.v1alpha1.CommonLimits;
import dev.gabion.api.v1alpha1.CompileLimits;
import dev.gabion.api.v1alpha1.Limits;
import dev.gabion.api.v1alpha1.ResolvedCompileLimits;
import dev.gabion.api.v1alpha1.ResolvedLimits;
import dev.gabion.api.v1alpha1.SandboxRuntimeSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Resolves a job's limits against its runtime; pure. */
public final class LimitsResolver {

    /** What holds where neither the job nor its runtime says anything. */
    public static final Limits PLATFORM_DEFAULTS = Limits.builder()
            .cpu(Quantity.parse("1"))
            .cpuTimeMilliseconds(10_000L)
            .wallTimeMilliseconds(30_000L)
            .memory(Quantity.parse("256Mi"))
            .processes(64)
            .openFiles(256)
            .outputBytes(1_048_576L)
            .fileSize(Quantity.parse("64Mi"))
            .scratchSize(Quantity.parse("64Mi"))
            .compile(new CompileLimits(
                    30_000L, 60_000L, Quantity.parse("512Mi"), 64, 256, 262_144L, Quantity.parse("64Mi")))
            .build();

    private static final BigDecimal MILLI = BigDecimal.valueOf(1000);

    private final String runtimeName;
    private final Limits asked;
    private final Limits defaults;
    private final Limits maximum;
    private final List<Problem> problems = new ArrayList<>();

    private LimitsResolver(String runtimeName, Limits asked, SandboxRuntimeSpec runtime) {
        this.runtimeName = runtimeName;
        this.asked = asked;
        this.defaults = Optional.ofNullable(runtime.defaults()).orElse(Limits.NONE);
        this.maximum = Optional.ofNullable(runtime.maximum()).orElse(Limits.NONE);
    }

    /**
     * Resolves.
     *
     * @param asked what the job asks for
     * @param runtimeName the runtime's name, for messages
     * @param runtime the runtime
     */
    public static LimitsResolution resolve(Limits asked, String runtimeName, SandboxRuntimeSpec runtime) {
        return new LimitsResolver(runtimeName, asked, runtime).resolve(runtime.compile() != null);
    }

    private LimitsResolution resolve(boolean compiles) {
        if (!compiles && asked.compile() != null) {
            problems.add(new Problem(
                    "spec.limits.compile",
                    "the runtime %s has no compile step; leave the field out".formatted(runtimeName)));
        }
        long cpu = quantity("cpu", Limits::cpu, MILLI);
        ResolvedCompileLimits run = common("", limits -> limits);
        ResolvedLimits limits = new ResolvedLimits(
                cpu,
                run.cpuTimeMilliseconds(),
                run.wallTimeMilliseconds(),
                run.memoryBytes(),
                run.processes(),
                run.openFiles(),
                run.outputBytes(),
                run.fileSizeBytes(),
                quantity("scratchSize", Limits::scratchSize, BigDecimal.ONE),
                compiles ? common("compile.", Limits::compile) : null);
        return problems.isEmpty()
                ? new LimitsResolution.Resolved(limits)
                : new LimitsResolution.Refused(List.copyOf(problems));
    }

    /** The limits that every step has, of one step. */
    private ResolvedCompileLimits common(String prefix, Limit<Limits, CommonLimits> step) {
        return new ResolvedCompileLimits(
                number(prefix + "cpuTimeMilliseconds", in(step, CommonLimits::cpuTimeMilliseconds)),
                number(prefix + "wallTimeMilliseconds", in(step, CommonLimits::wallTimeMilliseconds)),
                quantity(prefix + "memory", in(step, CommonLimits::memory), BigDecimal.ONE),
                (int) number(prefix + "processes", in(step, CommonLimits::processes)),
                (int) number(prefix + "openFiles", in(step, CommonLimits::openFiles)),
                number(prefix + "outputBytes", in(step, CommonLimits::outputBytes)),
                quantity(prefix + "fileSize", in(step, CommonLimits::fileSize), BigDecimal.ONE));
    }

    /** One limit out of a set of limits, null where it is not given. */
    private interface Limit<L, T> {
        @Nullable
        T of(L limits);
    }

    private static <T> Limit<Limits, T> in(Limit<Limits, CommonLimits> step, Limit<CommonLimits, T> limit) {
        return limits -> {
            CommonLimits of = step.of(limits);
            return of == null ? null : limit.of(of);
        };
    }

    private long quantity(String field, Limit<Limits, Quantity> limit, BigDecimal unit) {
        return choose(field, limit, value -> amount(value, unit));
    }

    private long number(String field, Limit<Limits, ? extends Number> limit) {
        return choose(field, limit, Number::longValue);
    }

    /** Rounds up: a limit is never less than what was written. */
    private static long amount(Quantity quantity, BigDecimal unit) {
        return quantity.getNumericalAmount()
                .multiply(unit)
                .setScale(0, RoundingMode.CEILING)
                .longValueExact();
    }

    private <T> long choose(String field, Limit<Limits, ? extends T> limit, ToLongFunction<? super T> amount) {
        T own = limit.of(asked);
        T fallback = limit.of(defaults);
        T platform = limit.of(PLATFORM_DEFAULTS);
        if (fallback == null && platform == null) {
            throw new IllegalStateException("no platform default for " + field);
        }
        T effectiveDefault = fallback != null ? fallback : Objects.requireNonNull(platform);
        T most = limit.of(maximum);
        T highest = most != null ? most : effectiveDefault;
        T value = own != null ? own : effectiveDefault;
        if (amount.applyAsLong(value) > amount.applyAsLong(highest)) {
            problems.add(
                    own != null
                            ? new Problem(
                                    "spec.limits." + field,
                                    "%s is more than the runtime %s allows; at most %s"
                                            .formatted(value, runtimeName, highest))
                            : new Problem(
                                    "SandboxRuntime " + runtimeName + " spec.maximum." + field,
                                    "%s is less than the default of %s; give the job its own spec.limits.%s or ask"
                                                    .formatted(highest, value, field)
                                            + " the cluster's administrator"));
        }
        return amount.applyAsLong(value);
    }
}
