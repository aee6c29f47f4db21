// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.gabion.api.v1alpha1.CustomSeccompProfile;
import dev.gabion.api.v1alpha1.SeccompAction;
import dev.gabion.api.v1alpha1.SeccompRule;
import dev.gabion.api.v1alpha1.Verdict;
import dev.gabion.runner.seccomp.Action;
import dev.gabion.runner.seccomp.Rule;
import dev.gabion.runner.seccomp.SeccompProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Each shipped profile is as small as its language allows: a tour of the language runs under it, and each family of calls
 * that it allows beyond the base is used by that tour. {@code default} is for languages we do not know and has no tour.
 */
@Timeout(120)
class ProfileTourIT {
    private static final Path TOURS = Path.of("src/test/tours");

    @ParameterizedTest
    @CsvSource(textBlock = """
        python,            python.py,                      /usr/bin/python3
        node,              node.js,                        /usr/bin/node
        bash,              bash.sh,                        /bin/bash
        c,                 c.c,                            /usr/bin/gcc
        python-scientific, python.py python-scientific.py, /usr/lib/python3/dist-packages/pandas
        """)
    void whatAProfileAddsItsTourUses(String profile, String tours, Path needed) throws IOException {
        assumeTrue(Files.exists(needed), "no " + needed + " here (test-packages.txt)");
        Set<String> used = new HashSet<>();
        for (String tour : tours.split(" ", -1)) {
            Jobs.Run run = tour(tour).profile(profile).run();
            assertThat(run.result().verdict()).as(run.toString()).isEqualTo(Verdict.OK);
            assertThat(run.stdout()).endsWith("toured\n");

            Jobs.Run watched = tour(tour).profile(baseOnly()).run(options -> options.withLearn(true));
            assertThat(watched.result().verdict()).as(watched.toString()).isEqualTo(Verdict.OK);
            used.addAll(watched.calls());
        }

        List<Rule> rules = SeccompProfile.shipped(profile).rules();
        List<Rule> added =
                rules.subList(0, rules.size() - SeccompProfile.base().rules().size());
        assertThat(added).isNotEmpty().allSatisfy(rule -> {
            assertThat(rule.action()).isEqualTo(Action.ALLOW);
            assertThat(used)
                    .as("a family that the tour of %s makes no use of: %s", profile, rule.names())
                    .containsAnyElementsOf(rule.names());
        });
    }

    private static Jobs tour(String name) throws IOException {
        String program = Files.readString(TOURS.resolve(name));
        Jobs job =
                switch (name.substring(name.lastIndexOf('.') + 1)) {
                    case "py" -> Jobs.python(program);
                    case "js" -> Jobs.node(program);
                    case "sh" -> Jobs.bash(program);
                    default -> Jobs.c(program);
                };
        return job.memory(512 * Jobs.MI).cpu(40_000).wall(60_000).env("OPENBLAS_NUM_THREADS", "4");
    }

    /** What every guest has, refusals included; what only some have is a violation here, to be heard of while learning. */
    private static CustomSeccompProfile baseOnly() {
        Set<String> families = new HashSet<>();
        SeccompProfile.shipped("default").rules().stream()
                .limit(SeccompProfile.shipped("default").rules().size()
                        - SeccompProfile.base().rules().size())
                .forEach(rule -> families.addAll(rule.names()));
        List<SeccompRule> rules = new ArrayList<>();
        for (Rule rule : SeccompProfile.base().rules()) {
            List<String> names = rule.names().stream()
                    .filter(name -> !families.contains(name))
                    .toList();
            if (!names.isEmpty() && rule.action().equals(Action.ALLOW)) {
                rules.add(new SeccompRule(null, names, SeccompAction.SCMP_ACT_ALLOW, null, List.of()));
            } else if (!names.isEmpty() && rule.action() instanceof Action.Errno(int number)) {
                rules.add(new SeccompRule(null, names, SeccompAction.SCMP_ACT_ERRNO, number, List.of()));
            }
        }
        return new CustomSeccompProfile("base-only", null, null, SeccompAction.SCMP_ACT_NOTIFY, null, rules);
    }
}
