// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.runner;

/**
 * A file of the program.
 *
 * @param name its plain name in the guest's work directory, such as {@code main.py}
 * @param file its plain name in the folder that the runner reads the source from ({@link JobPlan#SOURCE_DIRECTORY})
 */
public record PlanFile(String name, String file) {}
