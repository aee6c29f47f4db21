// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The rules of the CRD's schema ({@code x-kubernetes-validations}), each by its very text: an evaluator of the language
 * would cost every start more than these few. A rule that is not known here is an error, which a test finds.
 */
final class SchemaRules {
    private static final Pattern QUANTITY_RANGE =
            Pattern.compile("isQuantity\\(string\\(self\\)\\) && quantity\\(string\\(self\\)\\)\\.compareTo\\("
                    + "quantity\\('([^']+)'\\)\\) >= 0 && quantity\\(string\\(self\\)\\)\\.compareTo\\("
                    + "quantity\\('([^']+)'\\)\\) <= 0");
    private static final Pattern QUANTITY =
            Pattern.compile("([+-]?(?:[0-9]+(?:\\.[0-9]*)?|\\.[0-9]+))([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?");
    private static final Pattern PARENT = Pattern.compile("(^|/)[.][.](/|\\z)");
    private static final String DECIMAL = "kMGTPE";
    private static final String SMALL = "mun";
    private static final int MAX_EXPONENT_LENGTH = 6;

    private static final Map<String, Predicate<JsonNode>> KNOWN = Map.of(
            "[has(self.inline), has(self.configMapRef), has(self.secretRef)].filter(given, given).size() == 1",
            self -> Stream.of("inline", "configMapRef", "secretRef")
                            .filter(self::hasNonNull)
                            .count()
                    == 1,
            "!has(self.inline) || self.inline.map(f, (has(f.content) ? size(f.content) : 0)"
                    + " + (has(f.contentBase64) ? size(f.contentBase64) : 0)).sum() <= 524288",
            self -> items(self, "inline")
                            .mapToLong(file -> size(file.path("content")) + size(file.path("contentBase64")))
                            .sum()
                    <= 524_288,
            "!has(self.inline) || self.inline.all(f, self.inline.exists_one(g, g.name == f.name))",
            self -> items(self, "inline")
                            .map(file -> file.path("name"))
                            .collect(Collectors.toSet())
                            .size()
                    == items(self, "inline").count(),
            "has(self.content) != has(self.contentBase64)",
            self -> self.hasNonNull("content") != self.hasNonNull("contentBase64"),
            "!has(self.args) || self.args.map(a, size(a)).sum() <= 65536",
            self -> items(self, "args").mapToLong(SchemaRules::size).sum() <= 65_536,
            "!has(self.outputs) || self.outputs.all(p, !p.startsWith('/') && !p.matches('(^|/)[.][.](/|$)'))",
            self -> items(self, "outputs")
                    .map(JsonNode::textValue)
                    .noneMatch(
                            path -> path.startsWith("/") || PARENT.matcher(path).find()),
            "size(self.metadata.name) <= 240",
            self -> size(self.path("metadata").path("name")) <= 240);

    /** The texts of the rules that are written out here; those of quantities are read. */
    static Set<String> known() {
        return KNOWN.keySet();
    }

    /** Whether the rule compares with what was there before, and so has nothing to say of a job that is new. */
    static boolean ofChanges(String rule) {
        return rule.contains("oldSelf");
    }

    /** Whether the rule says a quantity's range. */
    static boolean ofQuantity(String rule) {
        return QUANTITY_RANGE.matcher(rule).matches();
    }

    /** Whether the value keeps the rule. */
    static boolean holds(String rule, JsonNode self) {
        if (ofChanges(rule)) {
            return true;
        }
        Matcher range = QUANTITY_RANGE.matcher(rule);
        if (range.matches()) {
            BigDecimal amount = amount(self.asText());
            BigDecimal least = amount(range.group(1));
            BigDecimal most = amount(range.group(2));
            return amount != null
                    && least != null
                    && most != null
                    && amount.compareTo(least) >= 0
                    && amount.compareTo(most) <= 0;
        }
        Predicate<JsonNode> known = KNOWN.get(rule);
        if (known == null) {
            throw new IllegalStateException("the schema has a rule that is not known here: " + rule);
        }
        return known.test(self);
    }

    /** What a quantity amounts to; null where it is none. */
    static @Nullable BigDecimal amount(String text) {
        Matcher parts = QUANTITY.matcher(text);
        if (!parts.matches()) {
            return null;
        }
        BigDecimal number = new BigDecimal(parts.group(1));
        String unit = parts.group(2) == null ? "" : parts.group(2);
        if (unit.isEmpty()) {
            return number;
        }
        if (unit.length() > 1 && (unit.charAt(0) == 'e' || unit.charAt(0) == 'E') && !unit.equals("Ei")) {
            // Far outside of every range, and of what a scale can hold.
            return unit.length() > MAX_EXPONENT_LENGTH
                    ? null
                    : number.scaleByPowerOfTen(Integer.parseInt(unit.substring(1)));
        }
        if (unit.endsWith("i")) {
            return number.multiply(BigDecimal.valueOf(1024).pow("KMGTPE".indexOf(unit.charAt(0)) + 1));
        }
        int small = SMALL.indexOf(unit);
        return number.scaleByPowerOfTen(small < 0 ? 3 * (DECIMAL.indexOf(unit) + 1) : -3 * (small + 1));
    }

    private static Stream<JsonNode> items(JsonNode self, String list) {
        return StreamSupport.stream(self.path(list).spliterator(), false);
    }

    private static long size(JsonNode text) {
        String value = text.isTextual() ? text.textValue() : "";
        return value.codePointCount(0, value.length());
    }

    private SchemaRules() {}
}
