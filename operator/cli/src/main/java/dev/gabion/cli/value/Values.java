// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.value;

import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads a limit as a person writes it. A time is a number of milliseconds or has a unit (500ms, 1.5s, 2m, 1h), a size is
 * a number of bytes or a Kubernetes quantity (64Mi, 1G), a CPU rate is cores (0.5, 500m). Every refusal names what is
 * allowed.
 */
public final class Values {
    private static final Pattern TIME = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,6})?)(ms|s|m|h)?");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,13}(?:\\.\\d{1,6})?)(k|M|G|T|Ki|Mi|Gi|Ti)?");
    private static final Pattern CPU = Pattern.compile("(\\d{1,6}(?:\\.\\d{1,3})?)(m)?");

    /** Milliseconds from {@code min} to {@code max}. */
    public static long milliseconds(String text, long min, long max) {
        Matcher matcher = TIME.matcher(text.strip());
        String allowed = "a time from " + min + " to " + max + " milliseconds, such as 1500, 500ms, 1.5s, 2m or 1h";
        if (!matcher.matches()) {
            throw refused(text, allowed);
        }
        String unit = matcher.group(2);
        long factor = unit == null
                ? 1
                : switch (unit) {
                    case "s" -> 1_000;
                    case "m" -> 60_000;
                    case "h" -> 3_600_000;
                    default -> 1;
                };
        BigDecimal value = new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(factor));
        return inRange(text, value, min, max, allowed);
    }

    /** Whole bytes from {@code min} to {@code max}. */
    public static long bytes(String text, long min, long max) {
        String allowed = "a size from " + size(min) + " to " + size(max)
                + ": a number of bytes, or with a unit of k, M, G, T, Ki, Mi, Gi, Ti, such as 64Mi";
        Matcher matcher = SIZE.matcher(text.strip());
        if (!matcher.matches()) {
            throw refused(text, allowed);
        }
        BigDecimal value = new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit(matcher.group(2))));
        return inRange(text, value, min, max, allowed);
    }

    /** A quantity of bytes from {@code min} to {@code max}, in the user's own words. */
    public static Quantity quantity(String text, long min, long max) {
        bytes(text, min, max);
        return new Quantity(text.strip());
    }

    /** A CPU rate from 10m to 256 cores. */
    public static Quantity cpu(String text) {
        String allowed = "a number of cores from 10m (a hundredth) to 256, such as 500m, 0.5 or 2";
        Matcher matcher = CPU.matcher(text.strip());
        if (!matcher.matches()) {
            throw refused(text, allowed);
        }
        BigDecimal millis =
                new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(matcher.group(2) == null ? 1_000 : 1));
        inRange(text, millis, 10, 256_000, allowed);
        return new Quantity(text.strip());
    }

    /** A whole number from {@code min} to {@code max}. */
    public static int count(String text, int min, int max) {
        String allowed = "a whole number from " + min + " to " + max;
        String digits = text.strip();
        if (!digits.matches("\\d{1,9}")) {
            throw refused(text, allowed);
        }
        return (int) inRange(text, new BigDecimal(digits), min, max, allowed);
    }

    /** Bytes as people read them: 512 B, 9.1 MiB. */
    public static String humanBytes(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        String[] units = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
        double value = bytes / 1024.0;
        int unit = 0;
        while (value >= 1023.95 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, value < 99.95 ? "%.1f %s" : "%.0f %s", value, units[unit]);
    }

    /** A time as people read it: 35 ms, 1.24 s, 2 m 03 s. */
    public static String humanMilliseconds(long milliseconds) {
        if (milliseconds < 1_000) {
            return milliseconds + " ms";
        }
        if (milliseconds < 60_000) {
            return String.format(Locale.ROOT, "%.2f s", milliseconds / 1_000.0);
        }
        long seconds = milliseconds / 1_000;
        return String.format(Locale.ROOT, "%d m %02d s", seconds / 60, seconds % 60);
    }

    private static long unit(@Nullable String unit) {
        return unit == null
                ? 1
                : switch (unit) {
                    case "k" -> 1_000L;
                    case "M" -> 1_000_000L;
                    case "G" -> 1_000_000_000L;
                    case "T" -> 1_000_000_000_000L;
                    case "Ki" -> 1L << 10;
                    case "Mi" -> 1L << 20;
                    case "Gi" -> 1L << 30;
                    default -> 1L << 40;
                };
    }

    private static String size(long bytes) {
        String[] units = {"", "Ki", "Mi", "Gi", "Ti"};
        long value = bytes;
        int unit = 0;
        while (value >= 1024 && value % 1024 == 0 && unit < units.length - 1) {
            value /= 1024;
            unit++;
        }
        return value + units[unit];
    }

    private static long inRange(String text, BigDecimal value, long min, long max, String allowed) {
        BigDecimal whole = value.stripTrailingZeros();
        if (whole.scale() > 0
                || whole.compareTo(BigDecimal.valueOf(min)) < 0
                || whole.compareTo(BigDecimal.valueOf(max)) > 0) {
            throw refused(text, allowed);
        }
        return whole.longValueExact();
    }

    private static IllegalArgumentException refused(String text, String allowed) {
        return new IllegalArgumentException("'" + text + "' is not allowed here; give " + allowed);
    }

    private Values() {}
}
