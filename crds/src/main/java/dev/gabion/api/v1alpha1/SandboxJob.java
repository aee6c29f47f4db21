// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

import io.fabric8.generator.annotation.ValidationRule;
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
@ValidationRule(
        value = "size(self.metadata.name) <= 240",
        message = "metadata.name may have at most 240 characters: names of what is made for the job are built from it",
        reason = Cel.INVALID)
@ValidationRule(
        value = SandboxJob.NOT_STARTED_BEFORE
                + " || (has(self.status) && has(self.status.conditions)"
                + " && self.status.conditions.exists(c, c.type == 'Started' && c.status == 'True'))",
        message = "the condition Started never goes back",
        reason = "FieldValueForbidden")
@ValidationRule(
        value = "!has(oldSelf.status) || !has(oldSelf.status.verdict) || (has(self.status) && has(self.status.verdict)"
                + " && self.status.verdict == oldSelf.status.verdict)",
        message = "status.verdict is set once and never changes",
        reason = "FieldValueForbidden")
public class SandboxJob extends CustomResource<SandboxJobSpec, SandboxJobStatus> implements Namespaced {
    /** Start of a rule that holds as long as the job had not started; the generator adds such a rule for each field. */
    public static final String NOT_STARTED_BEFORE =
            "!has(oldSelf.status) || !has(oldSelf.status.conditions) || !oldSelf.status.conditions.exists(c,"
                    + " c.type == 'Started' && c.status == 'True')";
}
