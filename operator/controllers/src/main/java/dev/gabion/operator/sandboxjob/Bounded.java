// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.operator.sandboxjob;

import dev.gabion.api.v1alpha1.Control;
import dev.gabion.api.v1alpha1.LimitHit;
import dev.gabion.api.v1alpha1.OutputFile;
import dev.gabion.api.v1alpha1.Reason;
import dev.gabion.api.v1alpha1.Usage;
import dev.gabion.api.v1alpha1.UsageSample;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What came out of a pod, within the bounds of the API: a guest chooses some of it, and whoever breaks out of a sandbox
 * all of it. Nothing here may be refused by the API server, or the job would never end. Jackson fills in null whatever
 * the records say.
 */
@SuppressWarnings({"ConstantValue", "NullAway"}) // what was read from a pod has nulls where the types have none
final class Bounded {
    private static final int REASONS = 16;
    private static final int LIMITS_HIT = 32;
    private static final int FILES = 256;
    private static final String UNKNOWN = "Unknown";

    private Bounded() {}

    static List<Reason> reasons(List<Reason> reasons) {
        return reasons.stream()
                .limit(REASONS)
                .map(reason -> new Reason(
                        required(reason.code(), 64),
                        Texts.cutOrNull(reason.message(), 512),
                        Texts.cutOrNull(reason.limit(), 64),
                        Texts.cutOrNull(reason.allowed(), 64),
                        Texts.cutOrNull(reason.observed(), 128)))
                .toList();
    }

    static List<LimitHit> limitsHit(List<LimitHit> hits) {
        return distinct(
                hits.stream()
                        .limit(LIMITS_HIT)
                        .map(hit -> new LimitHit(
                                required(hit.limit(), 64),
                                Texts.cutOrNull(hit.allowed(), 64),
                                Texts.cutOrNull(hit.observed(), 128),
                                hit.count() == null ? null : Long.valueOf(Math.max(1, hit.count())))),
                LimitHit::limit);
    }

    static List<Control> controls(List<Control> controls) {
        return distinct(
                controls.stream()
                        .filter(control -> control.name() != null && control.state() != null)
                        .map(control ->
                                new Control(control.name(), control.state(), Texts.cutOrNull(control.evidence(), 256))),
                Control::name);
    }

    static Usage usage(Usage usage, List<UsageSample> series) {
        return new Usage(
                count(usage.cpuTimeMilliseconds()),
                usage.cpuTimeLowerBound(),
                count(usage.wallTimeMilliseconds()),
                count(usage.peakMemoryBytes()),
                count(usage.peakProcesses()),
                count(usage.readBytes()),
                count(usage.writtenBytes()),
                Series.thin(series, Usage.MAX_SERIES).stream()
                        .map(Bounded::sample)
                        .toList());
    }

    static UsageSample sample(UsageSample sample) {
        return new UsageSample(
                Math.max(0, sample.offsetMilliseconds()),
                count(sample.cpuTimeMilliseconds()),
                count(sample.memoryBytes()),
                count(sample.processes()),
                count(sample.readBytes()),
                count(sample.writtenBytes()));
    }

    /** Files by their paths; of two with the same path the first. */
    static List<OutputFile> files(List<OutputFile> files) {
        return distinct(
                files.stream()
                        .limit(FILES)
                        .map(file -> new OutputFile(
                                required(file.path(), 256),
                                count(file.bytes()),
                                Texts.cutOrNull(file.sha256(), 64),
                                file.stored(),
                                Texts.cutOrNull(file.key(), 253),
                                Texts.cutOrNull(file.message(), 256))),
                OutputFile::path);
    }

    static @Nullable Long count(@Nullable Long number) {
        return number == null ? null : Long.valueOf(Math.max(0, number));
    }

    private static @Nullable Integer count(@Nullable Integer number) {
        return number == null ? null : Integer.valueOf(Math.max(0, number));
    }

    private static String required(@Nullable String text, int most) {
        return text == null || text.isEmpty() ? UNKNOWN : Texts.cut(text, most);
    }

    private static <T, K> List<T> distinct(Stream<T> all, Function<T, K> key) {
        Map<K, T> first = new LinkedHashMap<>();
        all.filter(Objects::nonNull).forEach(one -> first.putIfAbsent(key.apply(one), one));
        Collection<T> values = first.values();
        return List.copyOf(values);
    }
}
