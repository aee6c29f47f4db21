// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** A way to run programs that the cluster's administrator offers: the menu from which a job chooses. */
@Group(ApiGroup.GROUP)
@Version(ApiGroup.VERSION)
@Kind("SandboxRuntime")
@Singular("sandboxruntime")
@Plural("sandboxruntimes")
@ShortNames("srt")
public class SandboxRuntime extends CustomResource<SandboxRuntimeSpec, Void> {}
