// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import org.jspecify.annotations.Nullable;

/** A condition on one argument of a system call, which is compared unsigned with 64 bits. */
@ApiType
public record SeccompArg(
        @Required @Min(0) @Max(5) @JsonPropertyDescription("Which argument, 0 to 5.")
        Integer index,

        @Required
        @Min(0)
        @Max(9_007_199_254_740_991L)
        @JsonPropertyDescription(
                "What to compare with, 0 to 9007199254740991; for SCMP_CMP_MASKED_EQ the mask. An int argument needs"
                        + " SCMP_CMP_MASKED_EQ with 4294967295: its upper half is the guest's to fill.")
        Long value,

        @Min(0)
        @Max(9_007_199_254_740_991L)
        @JsonPropertyDescription(
                "For SCMP_CMP_MASKED_EQ: what the masked argument must equal, 0 to" + " 9007199254740991. Default: 0.")
        @Nullable
        Long valueTwo,

        @Required @JsonPropertyDescription("The comparison.")
        SeccompOperator op) {

    /** The 32 bits of an int argument equal a value. */
    public static SeccompArg int32(int index, int value) {
        return new SeccompArg(index, 0xffffffffL, Integer.toUnsignedLong(value), SeccompOperator.SCMP_CMP_MASKED_EQ);
    }
}
