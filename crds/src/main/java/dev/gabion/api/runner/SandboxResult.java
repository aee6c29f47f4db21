// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.runner;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import dev.gabion.api.v1alpha1.Control;
import dev.gabion.api.v1alpha1.LimitHit;
import dev.gabion.api.v1alpha1.Output;
import dev.gabion.api.v1alpha1.OutputFile;
import dev.gabion.api.v1alpha1.Reason;
import dev.gabion.api.v1alpha1.StreamOutput;
import dev.gabion.api.v1alpha1.Usage;
import dev.gabion.api.v1alpha1.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How one attempt at one job ended.
 *
 * <p>The runner says it twice: whole, as the last frame of its log, and {@linkplain #toTerminationMessage() compact} as
 * the container's termination message. The guest can write neither. The operator takes the verdict from the termination
 * message alone and the details from the frames.
 *
 * @param jobUid of the plan
 * @param attempt of the plan
 * @param startTime when the guest started (RFC 3339, UTC); null: it never ran
 * @param completionTime when it was gone
 * @param shortened true: this is the compact form and something was left out for room
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@JsonIgnoreProperties(ignoreUnknown = true)
public record SandboxResult(
        @JsonInclude(JsonInclude.Include.ALWAYS) String jobUid,
        int attempt,
        Verdict verdict,
        List<Reason> reasons,
        @Nullable Integer exitCode,
        @Nullable String signal,
        List<LimitHit> limitsHit,
        @Nullable Usage usage,
        List<Control> controls,
        @Nullable Output output,
        List<OutputFile> outputs,
        @Nullable String startTime,
        @Nullable String completionTime,
        @Nullable Boolean shortened) {

    /** Most bytes that the kubelet keeps of a termination message. */
    public static final int MAX_TERMINATION_MESSAGE = 4096;

    public SandboxResult(
            String jobUid,
            int attempt,
            Verdict verdict,
            @Nullable List<Reason> reasons,
            @Nullable Integer exitCode,
            @Nullable String signal,
            @Nullable List<LimitHit> limitsHit,
            @Nullable Usage usage,
            @Nullable List<Control> controls,
            @Nullable Output output,
            @Nullable List<OutputFile> outputs,
            @Nullable String startTime,
            @Nullable String completionTime,
            @Nullable Boolean shortened) {
        this.jobUid = jobUid;
        this.attempt = attempt;
        this.verdict = verdict;
        this.reasons = copy(reasons);
        this.exitCode = exitCode;
        this.signal = signal;
        this.limitsHit = copy(limitsHit);
        this.usage = usage;
        this.controls = copy(controls);
        this.output = output;
        this.outputs = copy(outputs);
        this.startTime = startTime;
        this.completionTime = completionTime;
        this.shortened = shortened;
    }

    private static <T> List<T> copy(@Nullable List<T> list) {
        return list == null ? List.of() : List.copyOf(list);
    }

    /** A result that is about the platform, with one reason. */
    public static SandboxResult internalError(String jobUid, int attempt, Reason reason) {
        return new SandboxResult(
                jobUid,
                attempt,
                Verdict.InternalError,
                List.of(reason),
                null,
                null,
                List.of(),
                null,
                List.of(),
                null,
                List.of(),
                null,
                null,
                null);
    }

    public byte[] toJson() {
        return RunnerJson.write(this);
    }

    /**
     * Reads either form.
     *
     * @throws IllegalArgumentException when it is not a result
     */
    public static SandboxResult fromJson(byte[] json) {
        SandboxResult result = RunnerJson.read(json, SandboxResult.class);
        RunnerJson.require(result.jobUid, "jobUid");
        RunnerJson.require(result.verdict, "verdict");
        return result;
    }

    /**
     * The compact form: at most {@link #MAX_TERMINATION_MESSAGE} bytes of ASCII, whatever is in this result. The job's
     * uid, the attempt and the verdict are always in it; tails and the usage series never. What does not fit is cut in
     * this order: kept files, evidence of controls, long messages, all but the first reason, limits met, controls.
     */
    public byte[] toTerminationMessage() {
        SandboxResult plain = bounded(256, 64, 8);
        List<SandboxResult> forms = new ArrayList<>();
        forms.add(plain);
        forms.add(plain.withoutFiles());
        forms.add(plain.withoutFiles().withEvidence(48));
        forms.add(plain.withoutFiles().withEvidence(0));
        forms.add(bounded(160, 32, 4).withoutFiles().withEvidence(0));
        forms.add(bounded(96, 8, 1).withoutFiles().withEvidence(0));
        forms.add(bounded(96, 0, 1).withoutFiles().withControls(List.of()));
        for (int i = 0; i < forms.size(); i++) {
            byte[] json = (i == 0 ? forms.get(i) : forms.get(i).markShortened()).toJson();
            if (json.length <= MAX_TERMINATION_MESSAGE) {
                return json;
            }
        }
        return new SandboxResult(
                        cut(jobUid, 64),
                        attempt,
                        verdict,
                        List.of(),
                        exitCode,
                        cutOrNull(signal, 16),
                        List.of(),
                        null,
                        List.of(),
                        null,
                        List.of(),
                        null,
                        null,
                        true)
                .toJson();
    }

    /** The same with another usage. */
    public SandboxResult withUsage(@Nullable Usage other) {
        return new SandboxResult(
                jobUid,
                attempt,
                verdict,
                reasons,
                exitCode,
                signal,
                limitsHit,
                other,
                controls,
                output,
                outputs,
                startTime,
                completionTime,
                shortened);
    }

    private SandboxResult bounded(int text, int limits, int links) {
        List<Reason> shortReasons = reasons.stream()
                .limit(links)
                .map(reason -> new Reason(
                        cut(reason.code(), 64),
                        cutOrNull(reason.message(), text),
                        cutOrNull(reason.limit(), 64),
                        cutOrNull(reason.allowed(), 64),
                        cutOrNull(reason.observed(), Math.min(text, 128))))
                .toList();
        List<LimitHit> shortHits = limitsHit.stream()
                .limit(limits)
                .map(hit -> new LimitHit(
                        cut(hit.limit(), 64),
                        cutOrNull(hit.allowed(), 64),
                        cutOrNull(hit.observed(), Math.min(text, 128)),
                        hit.count()))
                .toList();
        Output counts = output == null
                ? null
                : new Output(count(output.stdout()), count(output.stderr()), null, cutOrNull(output.message(), text));
        boolean complete = shortReasons.equals(reasons) && shortHits.equals(limitsHit);
        return new SandboxResult(
                cut(jobUid, 64),
                attempt,
                verdict,
                shortReasons,
                exitCode,
                cutOrNull(signal, 16),
                shortHits,
                usage == null ? null : usage.withoutSeries(),
                controls.stream()
                        .map(control ->
                                new Control(control.name(), control.state(), cutOrNull(control.evidence(), text)))
                        .toList(),
                counts,
                outputs,
                cutOrNull(startTime, 40),
                cutOrNull(completionTime, 40),
                complete ? null : true);
    }

    private static @Nullable StreamOutput count(@Nullable StreamOutput stream) {
        return stream == null ? null : new StreamOutput(null, stream.bytes(), stream.truncated());
    }

    private SandboxResult withoutFiles() {
        return with(controls, List.of(), shortened);
    }

    private SandboxResult withEvidence(int length) {
        return withControls(controls.stream()
                .map(control -> new Control(
                        control.name(), control.state(), length == 0 ? null : cutOrNull(control.evidence(), length)))
                .toList());
    }

    private SandboxResult withControls(List<Control> other) {
        return with(other, outputs, shortened);
    }

    private SandboxResult markShortened() {
        return with(controls, outputs, true);
    }

    private SandboxResult with(List<Control> controls, List<OutputFile> outputs, @Nullable Boolean shortened) {
        return new SandboxResult(
                jobUid,
                attempt,
                verdict,
                reasons,
                exitCode,
                signal,
                limitsHit,
                usage,
                controls,
                output,
                outputs,
                startTime,
                completionTime,
                shortened);
    }

    private static String cut(String text, int length) {
        if (text.length() <= length) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(length - 1)) ? length - 1 : length;
        return text.substring(0, end);
    }

    private static @Nullable String cutOrNull(@Nullable String text, int length) {
        return text == null ? null : cut(text, length);
    }
}
