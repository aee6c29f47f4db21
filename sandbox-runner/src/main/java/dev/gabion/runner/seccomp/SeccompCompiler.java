// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.runner.seccomp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Compiles a profile to classic BPF (struct sock_filter of linux/filter.h, fields of struct seccomp_data of
 * linux/seccomp.h). Pure: the same profile gives the same bytes.
 *
 * <p>Shape: the architecture is checked first (a foreign one is a violation, as is every x32 call on amd64), a number
 * newer than our tables answers ENOSYS, then a binary search over the numbers, about nine comparisons for any call.
 */
public final class SeccompCompiler {
    private static final int LOAD = 0x20; // BPF_LD | BPF_W | BPF_ABS
    private static final int AND = 0x54; // BPF_ALU | BPF_AND | BPF_K
    private static final int JUMP = 0x05; // BPF_JMP | BPF_JA
    private static final int JUMP_IF_EQUAL = 0x15;
    private static final int JUMP_IF_GREATER = 0x25; // unsigned
    private static final int JUMP_IF_GREATER_OR_EQUAL = 0x35; // unsigned
    private static final int RETURN = 0x06;
    private static final int OFFSET_NR = 0;
    private static final int OFFSET_ARCH = 4;
    private static final int OFFSET_ARGS = 16;
    private static final int ENOSYS = 38;
    /** BPF_MAXINSNS of linux/bpf_common.h. */
    private static final int MAX_INSTRUCTIONS = 4096;

    private final SeccompProfile profile;
    private final Arch arch;
    private final SyscallTable table;

    private SeccompCompiler(SeccompProfile profile, Arch arch) {
        this.profile = profile;
        this.arch = arch;
        this.table = SyscallTable.of(arch);
    }

    /** The filter as an array of struct sock_filter, little endian, 8 bytes an instruction. */
    public static byte[] compile(SeccompProfile profile, Arch arch) {
        List<Instruction> program = new SeccompCompiler(profile, arch).program();
        if (program.size() > MAX_INSTRUCTIONS) {
            throw new IllegalArgumentException("the profile compiles to " + program.size()
                    + " instructions; the kernel takes " + MAX_INSTRUCTIONS);
        }
        ByteBuffer bytes = ByteBuffer.allocate(program.size() * 8).order(ByteOrder.LITTLE_ENDIAN);
        for (Instruction instruction : program) {
            bytes.putShort((short) instruction.code)
                    .put((byte) instruction.ifTrue)
                    .put((byte) instruction.ifFalse)
                    .putInt(instruction.operand);
        }
        return bytes.array();
    }

    private List<Instruction> program() {
        List<Instruction> program = new ArrayList<>();
        program.add(new Instruction(LOAD, 0, 0, OFFSET_ARCH));
        program.add(new Instruction(JUMP_IF_EQUAL, 1, 0, arch.auditArch()));
        program.add(answer(Action.VIOLATION));
        program.add(new Instruction(LOAD, 0, 0, OFFSET_NR));
        if (arch == Arch.AMD64) {
            // -1 is what a tracer sets to skip a call; the kernel answers ENOSYS to it. As an unsigned number it has
            // the x32 bit, so it is a violation like every x32 call.
            program.add(new Instruction(JUMP_IF_GREATER_OR_EQUAL, 0, 1, SyscallTable.X32_BIT));
            program.add(answer(Action.VIOLATION));
        }
        program.add(new Instruction(JUMP_IF_GREATER, 0, 1, table.highest()));
        program.add(answer(new Action.Errno(ENOSYS)));
        program.addAll(search(segments()));
        return program;
    }

    /** Numbers from {@code first} up to the next segment's, all with the same code. */
    private record Segment(int first, List<Instruction> code) {}

    private List<Segment> segments() {
        List<Segment> segments = new ArrayList<>();
        for (int number = 0; number <= table.highest(); number++) {
            List<Instruction> code =
                    table.name(number).map(this::codeFor).orElseGet(() -> List.of(answer(profile.defaultAction())));
            if (segments.isEmpty() || !segments.getLast().code.equals(code)) {
                segments.add(new Segment(number, code));
            }
        }
        return segments;
    }

    private List<Instruction> codeFor(String name) {
        List<Instruction> code = new ArrayList<>();
        for (Rule rule : profile.rules()) {
            if (!rule.names().contains(name)) {
                continue;
            }
            List<Instruction> body = new ArrayList<>(List.of(answer(rule.action())));
            for (ArgTest test : rule.tests().reversed()) {
                body = guarded(test, body);
            }
            code.addAll(body);
            if (rule.tests().isEmpty()) {
                return code;
            }
        }
        code.add(answer(profile.defaultAction()));
        return code;
    }

    /** {@code body} if the test holds, else what follows it. */
    private static List<Instruction> guarded(ArgTest test, List<Instruction> body) {
        int low = OFFSET_ARGS + 8 * test.index();
        int high = low + 4;
        int valueLow = (int) test.value();
        int valueHigh = (int) (test.value() >>> 32);
        int skip = body.size();
        List<Instruction> code = new ArrayList<>();
        switch (test.operator()) {
            case EQ -> {
                code.add(new Instruction(LOAD, 0, 0, high));
                code.add(new Instruction(JUMP_IF_EQUAL, 0, 2 + skip, valueHigh));
                code.add(new Instruction(LOAD, 0, 0, low));
                code.add(new Instruction(JUMP_IF_EQUAL, 0, skip, valueLow));
            }
            case NE -> {
                code.add(new Instruction(LOAD, 0, 0, high));
                code.add(new Instruction(JUMP_IF_EQUAL, 0, 2, valueHigh));
                code.add(new Instruction(LOAD, 0, 0, low));
                code.add(new Instruction(JUMP_IF_EQUAL, skip, 0, valueLow));
            }
            case MASKED_EQ -> {
                int wantedLow = (int) test.valueTwo();
                int wantedHigh = (int) (test.valueTwo() >>> 32);
                code.add(new Instruction(LOAD, 0, 0, high));
                code.add(new Instruction(AND, 0, 0, valueHigh));
                code.add(new Instruction(JUMP_IF_EQUAL, 0, 3 + skip, wantedHigh));
                code.add(new Instruction(LOAD, 0, 0, low));
                code.add(new Instruction(AND, 0, 0, valueLow));
                code.add(new Instruction(JUMP_IF_EQUAL, 0, skip, wantedLow));
            }
            case GT, GE -> {
                int compare = test.operator() == ArgTest.Operator.GT ? JUMP_IF_GREATER : JUMP_IF_GREATER_OR_EQUAL;
                code.add(new Instruction(LOAD, 0, 0, high));
                code.add(new Instruction(JUMP_IF_GREATER, 3, 0, valueHigh));
                code.add(new Instruction(JUMP_IF_EQUAL, 0, 2 + skip, valueHigh));
                code.add(new Instruction(LOAD, 0, 0, low));
                code.add(new Instruction(compare, 0, skip, valueLow));
            }
            case LT, LE -> {
                int compare = test.operator() == ArgTest.Operator.LE ? JUMP_IF_GREATER : JUMP_IF_GREATER_OR_EQUAL;
                code.add(new Instruction(LOAD, 0, 0, high));
                code.add(new Instruction(JUMP_IF_GREATER, 3 + skip, 0, valueHigh));
                code.add(new Instruction(JUMP_IF_EQUAL, 0, 2, valueHigh));
                code.add(new Instruction(LOAD, 0, 0, low));
                code.add(new Instruction(compare, skip, 0, valueLow));
            }
        }
        if (code.stream().anyMatch(i -> i.ifTrue > 255 || i.ifFalse > 255)) {
            throw new IllegalArgumentException("too many tests in one entry of the profile");
        }
        code.addAll(body);
        return code;
    }

    /** The number is in the accumulator. */
    private static List<Instruction> search(List<Segment> segments) {
        if (segments.size() == 1) {
            return segments.getFirst().code;
        }
        int middle = segments.size() / 2;
        List<Instruction> below = search(segments.subList(0, middle));
        List<Instruction> above = search(segments.subList(middle, segments.size()));
        List<Instruction> code = new ArrayList<>(below.size() + above.size() + 2);
        int pivot = segments.get(middle).first;
        if (below.size() <= 255) {
            code.add(new Instruction(JUMP_IF_GREATER_OR_EQUAL, below.size(), 0, pivot));
        } else { // a conditional jump's reach is 255
            code.add(new Instruction(JUMP_IF_GREATER_OR_EQUAL, 0, 1, pivot));
            code.add(new Instruction(JUMP, 0, 0, below.size()));
        }
        code.addAll(below);
        code.addAll(above);
        return code;
    }

    private static Instruction answer(Action action) {
        return new Instruction(RETURN, 0, 0, action.returnValue());
    }

    private record Instruction(int code, int ifTrue, int ifFalse, int operand) {}
}
