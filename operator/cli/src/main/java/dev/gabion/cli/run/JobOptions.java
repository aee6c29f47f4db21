// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.run;

import dev.gabion.api.v1alpha1.CustomSeccompProfile;
import dev.gabion.api.v1alpha1.EnvVar;
import dev.gabion.api.v1alpha1.Isolation;
import dev.gabion.api.v1alpha1.IsolationLevel;
import dev.gabion.api.v1alpha1.Limits;
import dev.gabion.api.v1alpha1.SandboxJobSpec;
import dev.gabion.cli.UserError;
import dev.gabion.cli.value.LimitOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** The flags that describe a job, in the words of {@code SandboxJob.spec}; the same for every command that takes one. */
public final class JobOptions {
    private static final int MAX_STDIN = 262_144;

    @Option(
            names = {"-f", "--file"},
            paramLabel = "JOB.yaml",
            description = "Take the job from a SandboxJob's YAML; flags win over it. -: standard input.")
    private @Nullable String file;

    @Parameters(
            paramLabel = "FILE|DIR [-- ARG...]",
            arity = "0..*",
            description = "The program's file, or a folder with it; then the program's arguments, best after --.")
    private List<String> words = List.of();

    @Option(
            names = "--runtime",
            paramLabel = "NAME",
            description = "Runtime of the program; told by the file's suffix where it is not given.")
    private @Nullable String runtime;

    @Option(
            names = "--env",
            paramLabel = "NAME=VALUE",
            converter = EnvConverter.class,
            description = "A variable of the guest's environment; may be given again.")
    private List<EnvVar> env = List.of();

    @Option(
            names = "--stdin",
            paramLabel = "FILE",
            description =
                    "File on the guest's standard input, read before it starts. -: this program's own. Default: empty.")
    private @Nullable String stdin;

    @Option(
            names = "--outputs",
            paramLabel = "GLOB",
            description = "File to keep from the guest's work directory, a path or glob; may be given again.")
    private List<String> outputs = List.of();

    @Option(
            names = "--level",
            paramLabel = "LEVEL",
            description = "Isolation: ${COMPLETION-CANDIDATES}. Default: Process.")
    private @Nullable IsolationLevel level;

    @Option(
            names = "--runtime-class-name",
            paramLabel = "NAME",
            description = "RuntimeClass of the cluster that the pod is to run under; refused on this machine.")
    private @Nullable String runtimeClassName;

    @Option(
            names = "--seccomp-profile",
            paramLabel = "NAME|FILE.json",
            description = {
                "Profile of system calls, one of those the runtime lists.",
                "On this machine also a file, as profile learn writes it; a word with / or .json is one."
            })
    private @Nullable String seccompProfile;

    @ArgGroup(exclusive = false, validate = false, heading = "%nLimits (default: the runtime's):%n")
    private LimitOptions limits = new LimitOptions();

    /** NAME=VALUE. */
    static final class EnvConverter implements ITypeConverter<EnvVar> {
        @Override
        public EnvVar convert(String text) {
            int equals = text.indexOf('=');
            if (equals < 1 || !text.substring(0, equals).matches("[A-Za-z_][A-Za-z0-9_]{0,127}")) {
                throw new TypeConversionException(
                        "'" + text
                                + "' is not allowed here; give NAME=VALUE, the name of letters, digits and _, not starting with a digit");
            }
            return new EnvVar(text.substring(0, equals), text.substring(equals + 1));
        }
    }

    /** The job these flags mean. */
    public JobFile job() {
        String from = file;
        if ("-".equals(from) && "-".equals(stdin)) {
            throw new UserError(
                    "--file and --stdin: both are '-', and there is one standard input; give one as a file");
        }
        if (from == null && words.isEmpty()) {
            throw new UserError("what shall run? Give FILE or DIR, or a job with --file JOB.yaml");
        }
        return from == null ? fromProgram(Path.of(words.getFirst())) : fromFile(JobFile.read(from, runtime));
    }

    private JobFile fromProgram(Path path) {
        ProgramFiles program = ProgramFiles.read(path);
        String name = runtime == null ? program.runtime() : runtime;
        if (name == null) {
            throw new UserError("--runtime: '" + path + "' does not tell it by its suffix ("
                    + ProgramFiles.knownSuffixes() + "); give one, gabion runtimes lists them");
        }
        SandboxJobSpec base = SandboxJobSpec.builder()
                .runtime(name)
                .source(program.source())
                .args(words.subList(1, words.size()))
                .build();
        return merged(jobName(path), base);
    }

    private JobFile fromFile(JobFile job) {
        SandboxJobSpec.Builder spec = job.spec().toBuilder();
        if (!words.isEmpty()) {
            spec.args(words);
        }
        return merged(job.name(), spec.build());
    }

    private JobFile merged(String name, SandboxJobSpec base) {
        Map<String, EnvVar> variables = new LinkedHashMap<>();
        base.env().forEach(variable -> variables.put(variable.name(), variable));
        env.forEach(variable -> variables.put(variable.name(), variable));
        String word = seccompProfile;
        CustomSeccompProfile custom =
                word != null && ProfileFile.isMeant(word) ? ProfileFile.read(Path.of(word)) : null;
        Isolation isolation = base.isolation();
        if (level != null || word != null || runtimeClassName != null) {
            Isolation old = base.isolationOrDefault();
            isolation = new Isolation(
                    level == null ? old.level() : level,
                    runtimeClassName == null ? old.runtimeClassName() : runtimeClassName,
                    word == null ? old.seccompProfile() : custom == null ? word : custom.name());
        }
        Limits merged = limits.over(base.limitsOrNone());
        List<String> kept = new ArrayList<>(base.outputs());
        kept.addAll(outputs);
        SandboxJobSpec spec = base.toBuilder()
                .runtime(runtime == null ? base.runtime() : runtime)
                .env(List.copyOf(variables.values()))
                .stdin(stdin == null ? base.stdin() : readStdin(stdin))
                .outputs(kept)
                .isolation(isolation)
                .limits(merged.equals(Limits.NONE) ? null : merged)
                .build();
        if (!spec.equals(base) || !base.args().isEmpty()) {
            // A program's file alone makes no job that could be refused: its reader has looked at all there is.
            JobFile.check(name, spec);
        }
        return new JobFile(name, spec, custom);
    }

    private static String readStdin(String from) {
        try (InputStream in = from.equals("-") ? System.in : Files.newInputStream(Path.of(from))) {
            byte[] bytes = in.readNBytes(4 * MAX_STDIN + 1);
            if (bytes.length > 4 * MAX_STDIN) {
                throw tooMuchStdin();
            }
            String text = java.nio.charset.StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(java.nio.ByteBuffer.wrap(bytes))
                    .toString();
            if (text.length() > MAX_STDIN) {
                throw tooMuchStdin();
            }
            return text;
        } catch (IOException e) {
            throw new UserError("--stdin: cannot read '" + from + "' as text: " + JobFile.reason(e));
        }
    }

    private static UserError tooMuchStdin() {
        return new UserError("--stdin: more than " + MAX_STDIN + " characters; give the data as a file of the program");
    }

    /** A name that the API server would take, from the file's. */
    static String jobName(Path path) {
        String name = String.valueOf(path.toAbsolutePath().normalize().getFileName());
        int dot = name.lastIndexOf('.');
        String clean = (dot > 0 ? name.substring(0, dot) : name)
                .toLowerCase(java.util.Locale.ROOT)
                .replaceAll("[^a-z0-9]+", "-")
                .replaceAll("^-+|-+$", "");
        String cut = clean.length() > 50 ? clean.substring(0, 50).replaceAll("-+$", "") : clean;
        return cut.isEmpty() ? "job" : cut;
    }
}
