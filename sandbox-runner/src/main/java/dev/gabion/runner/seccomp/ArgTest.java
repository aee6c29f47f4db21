// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner.seccomp;

/**
 * A test of one argument of a call, unsigned, 64 bits.
 *
 * @param index 0 to 5
 * @param value what to compare with; for MASKED_EQ the mask
 * @param valueTwo for MASKED_EQ what the masked argument must equal
 */
public record ArgTest(int index, long value, long valueTwo, Operator operator) {

    /** Named as OCI's SCMP_CMP_*. */
    public enum Operator {
        NE,
        LT,
        LE,
        EQ,
        GE,
        GT,
        MASKED_EQ
    }

    public ArgTest {
        if (index < 0 || index > 5) {
            throw new IllegalArgumentException("argument index " + index + " is not within 0 to 5");
        }
    }

    /** Compares the low 32 bits only: right for every int argument, whose upper half the guest may fill at will. */
    public static ArgTest int32(int index, int value) {
        return new ArgTest(index, 0xffffffffL, Integer.toUnsignedLong(value), Operator.MASKED_EQ);
    }

    /** The meaning, for tests and for explaining a profile. */
    public boolean matches(long argument) {
        int order = Long.compareUnsigned(argument, value);
        return switch (operator) {
            case NE -> order != 0;
            case LT -> order < 0;
            case LE -> order <= 0;
            case EQ -> order == 0;
            case GE -> order >= 0;
            case GT -> order > 0;
            case MASKED_EQ -> (argument & value) == valueTwo;
        };
    }
}
