// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.profile;

import dev.gabion.api.v1alpha1.SeccompProfiles;
import dev.gabion.cli.ExitCode;
import dev.gabion.cli.UserError;
import dev.gabion.cli.run.ProfileFile;
import dev.gabion.runner.seccomp.Arch;
import dev.gabion.runner.seccomp.SeccompCompiler;
import dev.gabion.runner.seccomp.SeccompProfile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Checks a profile by compiling it. */
@Command(name = "check", description = "Check a profile: compile it for every architecture and say what it allows.")
final class CheckProfile implements Callable<Integer> {
    private static final int INSTRUCTION_BYTES = 8;

    @Parameters(paramLabel = "FILE.json|NAME", description = "A profile's file, or a shipped profile.")
    private String what = "";

    @Override
    public Integer call() {
        SeccompProfile profile = SeccompProfiles.SHIPPED.contains(what) ? SeccompProfile.shipped(what) : fromFile();
        int[] counts = ShowProfile.Answers.count(profile);
        System.out.println(
                what + ": " + counts[0] + " calls allowed, " + counts[1] + " refused, " + counts[2] + " a violation");
        for (Arch arch : Arch.values()) {
            try {
                int instructions = SeccompCompiler.compile(profile, arch).length / INSTRUCTION_BYTES;
                System.out.println(arch.ociName() + ": " + instructions + " instructions");
            } catch (IllegalArgumentException e) {
                throw new UserError(what + ": " + arch.ociName() + ": " + e.getMessage());
            }
        }
        return ExitCode.OK;
    }

    private SeccompProfile fromFile() {
        if (!Files.exists(Path.of(what))) {
            throw new UserError(
                    "'" + what + "' is neither a file nor one of " + String.join(", ", SeccompProfiles.SHIPPED));
        }
        return SeccompProfile.of(ProfileFile.read(Path.of(what)));
    }
}
