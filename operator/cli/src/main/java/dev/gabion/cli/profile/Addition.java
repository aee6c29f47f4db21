// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.profile;

import dev.gabion.api.v1alpha1.CustomSeccompProfile;
import dev.gabion.api.v1alpha1.SeccompAction;
import dev.gabion.api.v1alpha1.SeccompArg;
import dev.gabion.api.v1alpha1.SeccompOperator;
import dev.gabion.api.v1alpha1.SeccompProfiles;
import dev.gabion.api.v1alpha1.SeccompRule;
import dev.gabion.cli.run.JobFile;
import dev.gabion.runner.Violation;
import dev.gabion.runner.seccomp.Action;
import dev.gabion.runner.seccomp.Rule;
import dev.gabion.runner.seccomp.SeccompProfile;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The smallest profile under which the calls that were seen are no violations. Pure.
 *
 * @param profile null: nothing that was seen can be allowed
 * @param refused what no profile can allow, each with the reason
 */
record Addition(@Nullable CustomSeccompProfile profile, List<String> refused) {

    /** Calls whose meaning is in one int argument, with its place: only what was seen of it is proposed. */
    private static final Map<String, Integer> TELLING_ARGUMENT =
            Map.of("socket", 0, "socketpair", 0, "ioctl", 1, "prctl", 0, "personality", 0);

    /** All CLONE_NEW* of clone(2): the guard refuses them, so what was seen and can be allowed has none. */
    private static final long NAMESPACES = 0x7e020000L;

    static Addition of(JobFile job, List<Violation> seen) {
        Set<String> plain = new LinkedHashSet<>();
        List<SeccompRule> rules = new ArrayList<>();
        Set<String> refused = new LinkedHashSet<>();
        for (Violation call : seen) {
            String name = call.name();
            Optional<String> never = never(call);
            if (name == null || never.isPresent()) {
                refused.add(call.description() + ": " + never.orElse("no profile has a name for it"));
                continue;
            }
            Optional<SeccompArg> condition = condition(name, call.arguments());
            if (condition.isEmpty()) {
                plain.add(name);
                continue;
            }
            SeccompRule rule = new SeccompRule(
                    call.description() + ", used by " + job.name(),
                    List.of(name),
                    SeccompAction.SCMP_ACT_ALLOW,
                    null,
                    List.of(condition.get()));
            if (rules.stream()
                    .noneMatch(other ->
                            other.names().equals(rule.names()) && other.args().equals(rule.args()))) {
                rules.add(rule);
            }
        }
        if (!plain.isEmpty()) {
            rules.addFirst(new SeccompRule(
                    "used by " + job.name(), List.copyOf(plain), SeccompAction.SCMP_ACT_ALLOW, null, List.of()));
        }
        return new Addition(rules.isEmpty() ? null : profile(job, rules), List.copyOf(refused));
    }

    /** The job's own profile with the rules in front, or an addition to the shipped one. */
    private static CustomSeccompProfile profile(JobFile job, List<SeccompRule> rules) {
        CustomSeccompProfile own = job.profile();
        if (own != null) {
            List<SeccompRule> all = new ArrayList<>(rules);
            all.addAll(own.syscalls());
            return new CustomSeccompProfile(
                    own.name(), own.comment(), own.base(), own.defaultAction(), own.defaultErrnoRet(), all);
        }
        String profile = job.spec().isolationOrDefault().seccompProfile();
        return new CustomSeccompProfile(
                SeccompProfiles.SHIPPED.contains(job.name()) ? job.name() + "-custom" : job.name(),
                "Read each call's manual page before you allow it.",
                profile == null ? job.spec().runtime() : profile,
                null,
                null,
                rules);
    }

    private static Optional<String> never(Violation call) {
        String name = call.name();
        if (name == null) {
            return Optional.empty();
        }
        String reason = SeccompProfiles.NEVER_ALLOWED.get(name);
        if (reason != null) {
            return Optional.of("can never be allowed: " + reason);
        }
        for (Rule rule : SeccompProfile.guard()) {
            if (rule.names().contains(name)
                    && !rule.action().equals(Action.ALLOW)
                    && rule.tests().stream()
                            .allMatch(test -> test.matches(call.arguments().get(test.index())))) {
                return Optional.of("can never be allowed with these arguments");
            }
        }
        return Optional.empty();
    }

    private static Optional<SeccompArg> condition(String name, List<Long> arguments) {
        if (name.equals("clone")) {
            return Optional.of(new SeccompArg(0, NAMESPACES, 0L, SeccompOperator.SCMP_CMP_MASKED_EQ));
        }
        Integer index = TELLING_ARGUMENT.get(name);
        return index == null
                ? Optional.empty()
                : Optional.of(SeccompArg.int32(index, arguments.get(index).intValue()));
    }
}
