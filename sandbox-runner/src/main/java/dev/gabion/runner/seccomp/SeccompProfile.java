// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner.seccomp;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A guest's filter as data: OCI seccomp JSON, of which {@code defaultAction}, {@code syscalls} with {@code names},
 * {@code action}, {@code errnoRet} and {@code args} are read, and one addition, {@code extends}: the name of a shipped
 * profile whose entries follow this one's. Of several entries for one call the first whose tests hold decides; several
 * tests of one entry must all hold.
 */
public record SeccompProfile(Action defaultAction, List<Rule> rules) {

    /** The shipped guest profiles, in the order in which they are shown. */
    public static final List<String> SHIPPED = List.of("default", "python", "python-scientific", "node", "bash", "c");

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int EPERM = 1;

    public SeccompProfile {
        rules = List.copyOf(rules);
    }

    /** A shipped profile. */
    public static SeccompProfile shipped(String name) {
        if (!SHIPPED.contains(name)) {
            throw new IllegalArgumentException(
                    "unknown seccomp profile " + name + "; there are " + String.join(", ", SHIPPED));
        }
        try (InputStream in = SeccompProfile.class.getResourceAsStream("guest/" + name + ".json")) {
            if (in == null) {
                throw new IllegalStateException("missing resource guest/" + name + ".json");
            }
            return parse(JSON.readTree(in));
        } catch (IOException e) {
            throw new IllegalStateException("unreadable resource guest/" + name + ".json", e);
        }
    }

    /**
     * Reads a profile's JSON.
     *
     * @throws IllegalArgumentException naming the entry that is wrong
     */
    public static SeccompProfile parse(byte[] json) {
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
            SeccompProfile base = shipped(parent.asText());
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
            boolean known = false;
            for (Arch arch : Arch.values()) {
                known |= SyscallTable.of(arch).number(text).isPresent();
            }
            if (!known) {
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
