// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** Untrusted code that is run to a verdict. */
@Group(ApiGroup.GROUP)
@Version(ApiGroup.VERSION)
@Kind("SandboxJob")
@Singular("sandboxjob")
@Plural("sandboxjobs")
@ShortNames("sj")
public class SandboxJob extends CustomResource<SandboxJobSpec, SandboxJobStatus> implements Namespaced {}
