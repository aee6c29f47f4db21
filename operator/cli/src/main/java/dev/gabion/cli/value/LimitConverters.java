// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.value;

import io.fabric8.kubernetes.api.model.Quantity;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The flags' converters: {@link Values} with the ranges of the API's fields. */
public final class LimitConverters {
    private static final long MEBIBYTE = 1L << 20;
    private static final long GIBIBYTE = 1L << 30;
    private static final long TEBIBYTE = 1L << 40;
    private static final long DAY = 86_400_000;

    /** Runs a conversion; its refusal becomes picocli's, which puts the flag's name in front. */
    private abstract static class Converter<T> implements ITypeConverter<T> {
        abstract T read(String text);

        @Override
        public final T convert(String text) {
            try {
                return read(text);
            } catch (IllegalArgumentException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    /** A time limit. */
    public static final class Time extends Converter<Long> {
        @Override
        Long read(String text) {
            return Values.milliseconds(text, 1, DAY);
        }
    }

    /** A CPU rate. */
    public static final class Cpu extends Converter<Quantity> {
        @Override
        Quantity read(String text) {
            return Values.cpu(text);
        }
    }

    /** Memory. */
    public static final class Memory extends Converter<Quantity> {
        @Override
        Quantity read(String text) {
            return Values.quantity(text, MEBIBYTE, TEBIBYTE);
        }
    }

    /** Size of a file or of the scratch space. */
    public static final class Size extends Converter<Quantity> {
        @Override
        Quantity read(String text) {
            return Values.quantity(text, 1, TEBIBYTE);
        }
    }

    /** Bytes of output. */
    public static final class OutputBytes extends Converter<Long> {
        @Override
        Long read(String text) {
            return Values.bytes(text, 1, GIBIBYTE);
        }
    }

    /** Processes. */
    public static final class Processes extends Converter<Integer> {
        @Override
        Integer read(String text) {
            return Values.count(text, 1, 32_768);
        }
    }

    /** Open files. */
    public static final class OpenFiles extends Converter<Integer> {
        @Override
        Integer read(String text) {
            return Values.count(text, 8, 65_536);
        }
    }

    /** Attempts of a job of a cluster. */
    public static final class Attempts extends Converter<Integer> {
        @Override
        Integer read(String text) {
            return Values.count(text, 1, 10);
        }
    }

    /** Seconds until a job that has ended is deleted. */
    public static final class TimeToLive extends Converter<Integer> {
        @Override
        Integer read(String text) {
            return Values.count(text, 0, 31_536_000);
        }
    }

    private LimitConverters() {}
}
