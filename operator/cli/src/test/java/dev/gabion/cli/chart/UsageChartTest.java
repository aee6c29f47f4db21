// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.gabion.api.v1alpha1.ResolvedLimits;
import dev.gabion.api.v1alpha1.Usage;
import dev.gabion.api.v1alpha1.UsageSample;
import dev.gabion.cli.UserError;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UsageChartTest {
    private static final long MEBIBYTE = 1 << 20;
    private static final ResolvedLimits LIMITS = new ResolvedLimits(
            500, 10_000, 30_000, 64 * MEBIBYTE, 64, 256, 1 << 20, 64 * MEBIBYTE, 64 * MEBIBYTE, null);

    /** Two seconds: one idle, one on a whole core, the memory growing. */
    private static Usage usage() {
        List<UsageSample> samples = new ArrayList<>();
        for (int i = 0; i <= 20; i++) {
            samples.add(new UsageSample(i * 100L, i <= 10 ? 0L : (i - 10) * 100L, i * 2L * MEBIBYTE, 1, 0L, 0L));
        }
        return Usage.builder()
                .cpuTimeMilliseconds(1_000L)
                .wallTimeMilliseconds(2_000L)
                .peakMemoryBytes(40 * MEBIBYTE)
                .series(samples)
                .build();
    }

    @Test
    void theRateIsTheSlope() {
        UsageSeries series = UsageSeries.of(usage(), LIMITS);
        assertThat(series.sampled()).isTrue();
        assertThat(series.rateSeconds()).hasSize(series.cpuPercent().size());
        assertThat(series.cpuPercent().subList(0, 11)).containsOnly(0.0);
        assertThat(series.cpuPercent().subList(11, 21)).containsOnly(100.0);
        assertThat(series.mebibytes().getLast()).isEqualTo(40.0);
        assertThat(series.cpuLimitPercent()).isEqualTo(50.0);
        assertThat(series.memoryLimitMebibytes()).isEqualTo(64.0);
    }

    @Test
    void aJobTooShortForSamplesIsDrawnFromItsTotals() {
        UsageSeries series = UsageSeries.of(usage().withoutSeries(), null);
        assertThat(series.sampled()).isFalse();
        assertThat(series.cpuPercent()).containsOnly(50.0);
        assertThat(series.mebibytes()).containsOnly(40.0);
        assertThat(series.memoryLimitMebibytes()).isNull();
        assertThat(series.end()).isEqualTo(2.0);
    }

    @Test
    void aRateOfTwoSamplesThatLieCloseTogetherIsNotDrawn() {
        Usage usage = Usage.builder()
                .series(List.of(
                        new UsageSample(0, 0L, 0L, 1, 0L, 0L),
                        new UsageSample(100, 90L, 0L, 1, 0L, 0L),
                        new UsageSample(105, 100L, 0L, 1, 0L, 0L),
                        new UsageSample(200, 190L, 0L, 1, 0L, 0L)))
                .build();
        assertThat(UsageSeries.of(usage, null).cpuPercent()).containsExactly(90.0, 90.0, 100.0);
    }

    @Test
    void svgSaysInWordsWhatItShows() {
        String svg = UsageChart.svg("hello (OK)", usage(), LIMITS);
        List<String> texts = Pattern.compile("<text [^>]*>([^<]*)</text>")
                .matcher(svg)
                .results()
                .map(found -> found.group(1))
                .toList();
        assertThat(texts)
                .containsExactly(
                        "hello (OK)",
                        "CPU (1.00 s)",
                        "limit 50%",
                        "hello (OK)",
                        "memory (peak 40.0 MiB)",
                        "limit 64.0 MiB");
        assertThat(Pattern.compile("stroke:rgb\\(214,39,40\\)[^>]*stroke-dasharray:8")
                        .matcher(svg)
                        .results()
                        .count())
                .as("dashed lines of the limits")
                .isEqualTo(2);
    }

    @Test
    void pngHasBothLinesTheirLimitsAndText() {
        BufferedImage image = UsageChart.png("hello (OK)", usage(), LIMITS);
        assertThat(image.getWidth()).isEqualTo(UsageChart.WIDTH);
        int half = UsageChart.HEIGHT / 2;
        assertThat(count(image, UsageChart.CPU, 0, half)).isGreaterThan(300);
        assertThat(count(image, UsageChart.CPU, half, 2 * half)).isZero();
        assertThat(count(image, UsageChart.MEMORY, half, 2 * half)).isGreaterThan(300);
        assertThat(count(image, UsageChart.LIMIT, 0, half)).isGreaterThan(300);
        assertThat(count(image, UsageChart.LIMIT, half, 2 * half)).isGreaterThan(300);
        assertThat(count(image, Color.BLACK, 0, 30)).as("pixels of the title").isGreaterThan(100);
    }

    @Test
    void withoutLimitsThereIsNoLineForThem() {
        assertThat(count(UsageChart.png("x", usage(), null), UsageChart.LIMIT, 0, UsageChart.HEIGHT))
                .isZero();
    }

    @Test
    void writesWhatTheNameSays(@TempDir Path folder) throws Exception {
        UsageChart.write(folder.resolve("a.PNG"), "a", usage(), LIMITS);
        assertThat(ImageIO.read(folder.resolve("a.PNG").toFile()).getHeight()).isEqualTo(UsageChart.HEIGHT);
        UsageChart.write(folder.resolve("a.svg"), "a", usage(), LIMITS);
        assertThat(Files.readString(folder.resolve("a.svg"), StandardCharsets.UTF_8))
                .contains("</svg>");
        assertThatThrownBy(() -> UsageChart.checkName(Path.of("a.gif")))
                .isInstanceOf(UserError.class)
                .hasMessage("'a.gif' is no name for a chart; give a file that ends with .png or .svg");
    }

    private static int count(BufferedImage image, Color color, int fromY, int toY) {
        int count = 0;
        for (int y = fromY; y < toY; y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                if (image.getRGB(x, y) == color.getRGB()) {
                    count++;
                }
            }
        }
        return count;
    }
}
