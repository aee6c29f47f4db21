// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner.seccomp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.gabion.api.v1alpha1.CustomSeccompProfile;
import dev.gabion.api.v1alpha1.SeccompAction;
import dev.gabion.api.v1alpha1.SeccompArg;
import dev.gabion.api.v1alpha1.SeccompProfiles;
import dev.gabion.api.v1alpha1.SeccompRule;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A guest's filter as data: OCI seccomp JSON, of which {@code defaultAction}, {@code syscalls} with {@code names},
 * {@code action}, {@code errnoRet} and {@code args} are read, and one addition, {@code extends}: the name of a shipped
 * profile whose entries follow this one's. Of several entries for one call the first whose tests hold decides; several
 * tests of one entry must all hold.
 */
public record SeccompProfile(Action defaultAction, List<Rule> rules) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int EPERM = 1;
    private static final String BASE = "base";

    public SeccompProfile {
        rules = List.copyOf(rules);
    }

    /** A shipped profile. */
    public static SeccompProfile shipped(String name) {
        if (!SeccompProfiles.SHIPPED.contains(name)) {
            throw new IllegalArgumentException(
                    "unknown seccomp profile " + name + "; there are " + String.join(", ", SeccompProfiles.SHIPPED));
        }
        return parse(resource(name));
    }

    /** What every guest has, whatever its language: the end of each shipped profile, none by itself. */
    public static SeccompProfile base() {
        return parse(resource(BASE));
    }

    /** The JSON of {@code guest/NAME.json}. */
    private static JsonNode resource(String name) {
        try (InputStream in = SeccompProfile.class.getResourceAsStream("guest/" + name + ".json")) {
            if (in == null) {
                throw new IllegalStateException("missing resource guest/" + name + ".json");
            }
            return JSON.readTree(in);
        } catch (IOException e) {
            throw new IllegalStateException("unreadable resource guest/" + name + ".json", e);
        }
    }

    /**
     * A profile that is not shipped, with {@link #guard} in front.
     *
     * @throws IllegalArgumentException naming the field that is wrong, where it allows what no profile may, or where a
     *     guest could not start under it
     */
    public static SeccompProfile of(CustomSeccompProfile custom) {
        List<Rule> rules = new ArrayList<>(guard());
        for (int position = 0; position < custom.syscalls().size(); position++) {
            String where = "syscalls[" + position + "]";
            try {
                rules.add(rule(custom.syscalls().get(position)));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(where + e.getMessage(), e);
            }
        }
        String base = custom.base();
        SeccompAction otherwise = custom.defaultAction();
        if ((base == null) == (otherwise == null)) {
            throw new IllegalArgumentException("extends: exactly one of extends and defaultAction must be given");
        }
        SeccompProfile profile;
        if (base != null) {
            if (!SeccompProfiles.SHIPPED.contains(base)) {
                throw new IllegalArgumentException("extends: there is no shipped profile '" + base + "'; there are "
                        + String.join(", ", SeccompProfiles.SHIPPED));
            }
            profile = shipped(base).with(rules);
        } else {
            if (otherwise == SeccompAction.SCMP_ACT_ALLOW) {
                throw new IllegalArgumentException(
                        "defaultAction: SCMP_ACT_ALLOW is not allowed; give SCMP_ACT_NOTIFY or SCMP_ACT_ERRNO");
            }
            profile = new SeccompProfile(
                    action(java.util.Objects.requireNonNull(otherwise), custom.defaultErrnoRet()), rules);
        }
        for (String call : SeccompProfiles.ALWAYS_ALLOWED) {
            if (!profile.decide(call, new long[6]).equals(Action.ALLOW)) {
                throw new IllegalArgumentException(
                        "syscalls: " + call + " must be allowed, no guest can start without it");
            }
        }
        return profile;
    }

    /** What stands in front of every profile that is not shipped: arguments that would undo the isolation. */
    public static List<Rule> guard() {
        List<Rule> rules = new ArrayList<>();
        int position = 0;
        for (JsonNode entry : resource("guard").path("syscalls")) {
            rules.add(rule(entry, position++));
        }
        return rules;
    }

    private static Rule rule(SeccompRule entry) {
        boolean allows = entry.action() == SeccompAction.SCMP_ACT_ALLOW;
        if (entry.names().isEmpty()) {
            throw new IllegalArgumentException(".names is empty");
        }
        for (String name : entry.names()) {
            String reason = SeccompProfiles.NEVER_ALLOWED.get(name);
            if (!SyscallTable.isKnown(name)) {
                throw new IllegalArgumentException(".names: no architecture has a system call " + name);
            }
            if (allows && reason != null) {
                throw new IllegalArgumentException(".names: " + name + " can never be allowed: " + reason);
            }
            if (SeccompProfiles.ALWAYS_ALLOWED.contains(name)
                    && (!allows || !entry.args().isEmpty())) {
                throw new IllegalArgumentException(
                        ".names: " + name + " must be allowed without conditions, no guest can start without it");
            }
        }
        if (entry.action() == null) {
            throw new IllegalArgumentException(".action is missing");
        }
        List<ArgTest> tests = new ArrayList<>();
        for (int i = 0; i < entry.args().size(); i++) {
            try {
                tests.add(test(entry.args().get(i)));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(".args[" + i + "]: " + e.getMessage(), e);
            }
        }
        return new Rule(entry.names(), action(entry.action(), entry.errnoRet()), tests);
    }

    private static ArgTest test(SeccompArg arg) {
        if (arg.index() == null || arg.value() == null || arg.op() == null) {
            throw new IllegalArgumentException("index, value and op must be given");
        }
        Long two = arg.valueTwo();
        return new ArgTest(
                arg.index(),
                arg.value(),
                two == null ? 0 : two,
                ArgTest.Operator.valueOf(arg.op().name().substring("SCMP_CMP_".length())));
    }

    private static Action action(SeccompAction action, @Nullable Integer errno) {
        return Action.parse(action.name(), errno == null ? EPERM : errno);
    }

    /**
     * Reads a shipped profile's JSON.
     *
     * @throws IllegalArgumentException naming the entry that is wrong
     */
    static SeccompProfile parse(byte[] json) {
        try {
            return parse(JSON.readTree(json));
        } catch (IOException e) {
            throw new IllegalArgumentException("seccomp profile is not JSON: " + e.getMessage(), e);
        }
    }

    private static SeccompProfile parse(JsonNode root) {
        if (!root.isObject()) {
            throw new IllegalArgumentException("a seccomp profile is a JSON object");
        }
        List<Rule> rules = new ArrayList<>();
        int position = 0;
        for (JsonNode entry : root.path("syscalls")) {
            rules.add(rule(entry, position++));
        }
        JsonNode parent = root.path("extends");
        if (parent.isTextual()) {
            SeccompProfile base = parent.asText().equals(BASE) ? base() : shipped(parent.asText());
            rules.addAll(base.rules());
            return new SeccompProfile(base.defaultAction(), rules);
        }
        String action = root.path("defaultAction").asText("");
        return new SeccompProfile(
                Action.parse(action, root.path("defaultErrnoRet").asInt(EPERM)), rules);
    }

    private static Rule rule(JsonNode entry, int position) {
        String where = "syscalls[" + position + "]";
        List<String> names = new ArrayList<>();
        for (JsonNode name : entry.path("names")) {
            String text = name.asText();
            if (!SyscallTable.isKnown(text)) {
                throw new IllegalArgumentException(where + ".names: no architecture has a system call " + text);
            }
            names.add(text);
        }
        if (names.isEmpty()) {
            throw new IllegalArgumentException(where + ".names is empty");
        }
        List<ArgTest> tests = new ArrayList<>();
        for (JsonNode test : entry.path("args")) {
            tests.add(new ArgTest(
                    test.path("index").asInt(-1),
                    test.path("value").bigIntegerValue().longValue(),
                    test.path("valueTwo").bigIntegerValue().longValue(),
                    operator(test.path("op").asText(), where)));
        }
        try {
            Action action = Action.parse(
                    entry.path("action").asText(), entry.path("errnoRet").asInt(EPERM));
            return new Rule(names, action, tests);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(where + ": " + e.getMessage(), e);
        }
    }

    private static ArgTest.Operator operator(String text, String where) {
        String name = text.toUpperCase(Locale.ROOT);
        for (ArgTest.Operator operator : ArgTest.Operator.values()) {
            if (name.equals("SCMP_CMP_" + operator)) {
                return operator;
            }
        }
        throw new IllegalArgumentException(where + ".args.op: " + text + " is not an SCMP_CMP_* operator");
    }

    /** This profile with entries put in front, so that they win. */
    public SeccompProfile with(List<Rule> first) {
        List<Rule> all = new ArrayList<>(first);
        all.addAll(rules);
        return new SeccompProfile(defaultAction, all);
    }

    /** The answer to a call by its meaning: what the compiled filter must say too. */
    public Action decide(String name, long... arguments) {
        for (Rule rule : rules) {
            if (rule.names().contains(name)
                    && rule.tests().stream().allMatch(test -> test.matches(arguments[test.index()]))) {
                return rule.action();
            }
        }
        return defaultAction;
    }
}
