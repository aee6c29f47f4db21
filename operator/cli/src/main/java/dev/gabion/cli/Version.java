// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli;

import picocli.CommandLine.IVersionProvider;

/** The version the build wrote into the jar. */
final class Version implements IVersionProvider {
    static String line() {
        String version = Version.class.getPackage().getImplementationVersion();
        return "gabion " + (version == null ? "(from a source tree)" : version);
    }

    @Override
    public String[] getVersion() {
        return new String[] {line()};
    }
}
