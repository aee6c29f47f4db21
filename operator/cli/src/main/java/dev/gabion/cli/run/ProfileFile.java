// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.gabion.api.v1alpha1.CustomSeccompProfile;
import dev.gabion.api.v1alpha1.SeccompProfiles;
import dev.gabion.cli.UserError;
import dev.gabion.runner.seccomp.SeccompProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A profile of the guest's system calls from a file: OCI seccomp JSON, as {@code profile learn} writes it and as an entry
 * of {@code SandboxRuntime.spec.customSeccompProfiles} is.
 */
public final class ProfileFile {

    /** Whether a word on the command line means a file and not a name: names have neither. */
    static boolean isMeant(String word) {
        return word.contains("/") || word.endsWith(".json");
    }

    /** Reads the file; what could not be used is refused with the field's name. */
    public static CustomSeccompProfile read(Path file) {
        CustomSeccompProfile profile = parse(file);
        try {
            SeccompProfile unused = SeccompProfile.of(profile);
            return profile;
        } catch (IllegalArgumentException e) {
            throw new UserError(file + ": " + e.getMessage());
        }
    }

    private static CustomSeccompProfile parse(Path file) {
        try {
            JsonNode root = Documents.json().readTree(Files.readAllBytes(file));
            if (!(root instanceof ObjectNode object)) {
                throw new UserError(file + ": a seccomp profile is a JSON object");
            }
            // Every profile is for all architectures there are tables for.
            object.remove("architectures");
            if (!object.hasNonNull("name")) {
                object.put("name", name(file));
            }
            JobFile.checkFields(file.toString(), "", object, CustomSeccompProfile.class);
            CustomSeccompProfile profile = Documents.json().treeToValue(object, CustomSeccompProfile.class);
            if (SeccompProfiles.SHIPPED.contains(profile.name())) {
                throw new UserError(file + ": name: '" + profile.name() + "' is a shipped profile; give another");
            }
            return profile;
        } catch (JsonProcessingException e) {
            throw new UserError(file + JobFile.where(e));
        } catch (IOException e) {
            throw new UserError("cannot read '" + file + "': " + JobFile.reason(e));
        }
    }

    private static String name(Path file) {
        String name = JobOptions.jobName(file);
        return SeccompProfiles.SHIPPED.contains(name) ? name + "-custom" : name;
    }

    private ProfileFile() {}
}
