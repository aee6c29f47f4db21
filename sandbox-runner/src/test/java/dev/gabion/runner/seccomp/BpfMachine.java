// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner.seccomp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The kernel's classic BPF for filters, in a few lines: enough to run what the compiler writes, and nothing else. */
final class BpfMachine {
    private final byte[] program;

    BpfMachine(byte[] program) {
        this.program = program.clone();
    }

    int run(int number, int auditArch, long[] arguments) {
        ByteBuffer data = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        data.putInt(number).putInt(auditArch).putLong(0);
        for (long argument : arguments) {
            data.putLong(argument);
        }
        ByteBuffer code = ByteBuffer.wrap(program).order(ByteOrder.LITTLE_ENDIAN);
        int accumulator = 0;
        for (int at = 0; ; at++) {
            int operation = code.getShort(at * 8) & 0xffff;
            int ifTrue = code.get(at * 8 + 2) & 0xff;
            int ifFalse = code.get(at * 8 + 3) & 0xff;
            int operand = code.getInt(at * 8 + 4);
            switch (operation) {
                case 0x20 -> accumulator = data.getInt(operand);
                case 0x54 -> accumulator &= operand;
                case 0x05 -> at += operand;
                case 0x15 -> at += accumulator == operand ? ifTrue : ifFalse;
                case 0x25 -> at += Integer.compareUnsigned(accumulator, operand) > 0 ? ifTrue : ifFalse;
                case 0x35 -> at += Integer.compareUnsigned(accumulator, operand) >= 0 ? ifTrue : ifFalse;
                case 0x06 -> {
                    return operand;
                }
                default -> throw new AssertionError("instruction " + Integer.toHexString(operation) + " at " + at);
            }
        }
    }
}
