// SPDX-License-Identifier: Apache-2.0
// Copyright The Gabion Authors
package dev.gabion.cli.chart;

import dev.gabion.api.v1alpha1.ResolvedLimits;
import dev.gabion.api.v1alpha1.Usage;
import dev.gabion.cli.UserError;
import dev.gabion.cli.value.Values;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;
import org.jfree.graphics2d.svg.SVGGraphics2D;
import org.jspecify.annotations.Nullable;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** CPU and memory over time, one above the other, with the limits as dashed lines. As PNG or SVG, by the file's name. */
public final class UsageChart {
    static final int WIDTH = 960;
    static final int HEIGHT = 640;
    static final Color CPU = new Color(0x1f, 0x77, 0xb4);
    static final Color MEMORY = new Color(0x2c, 0xa0, 0x2c);
    static final Color LIMIT = new Color(0xd6, 0x27, 0x28);

    private static final float LINE = 2.0f;
    private static final int HEAD = 30;
    private static final int BASELINE = 22;
    private static final int MARGIN = 10;

    /** Refuses a file name that says neither PNG nor SVG. To be asked before the work whose result is drawn. */
    public static void checkName(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        if (!name.endsWith(".png") && !name.endsWith(".svg")) {
            throw new UserError("'" + file + "' is no name for a chart; give a file that ends with .png or .svg");
        }
    }

    /** Draws the chart into the file. */
    public static void write(Path file, String title, Usage usage, @Nullable ResolvedLimits limits) throws IOException {
        checkName(file);
        System.setProperty("java.awt.headless", "true");
        try {
            if (file.getFileName().toString().toLowerCase(Locale.ROOT).endsWith(".svg")) {
                Files.writeString(file, svg(title, usage, limits), StandardCharsets.UTF_8);
            } else {
                ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                ImageIO.write(png(title, usage, limits), "png", bytes);
                Files.write(file, bytes.toByteArray());
            }
        } catch (ExceptionInInitializerError | NoClassDefFoundError | UnsatisfiedLinkError | InternalError e) {
            throw new UserError("cannot draw text: this machine has no fonts; apt-get install -y fontconfig"
                    + " fonts-dejavu-core (" + e.getMessage() + ")");
        }
    }

    static String svg(String title, Usage usage, @Nullable ResolvedLimits limits) {
        SVGGraphics2D graphics = new SVGGraphics2D(WIDTH, HEIGHT);
        paint(graphics, title, usage, limits);
        return graphics.getSVGDocument();
    }

    static BufferedImage png(String title, Usage usage, @Nullable ResolvedLimits limits) {
        BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        paint(graphics, title, usage, limits);
        graphics.dispose();
        return image;
    }

    private static void paint(Graphics2D graphics, String title, Usage usage, @Nullable ResolvedLimits limits) {
        UsageSeries series = UsageSeries.of(usage, limits);
        XYChart cpu = panel("% of one core", series.end());
        line(cpu, "CPU", series.rateSeconds(), series.cpuPercent(), CPU, false);
        limit(cpu, series.cpuLimitPercent(), series.end());
        top(cpu, series.cpuPercent(), series.cpuLimitPercent());

        XYChart memory = panel("MiB", series.end());
        line(memory, "memory", series.seconds(), series.mebibytes(), MEMORY, false);
        limit(memory, series.memoryLimitMebibytes(), series.end());
        top(memory, series.mebibytes(), series.memoryLimitMebibytes());

        graphics.setColor(Color.WHITE);
        graphics.fillRect(0, 0, WIDTH, HEIGHT);
        head(graphics, title, "CPU" + total(usage), CPU, "limit " + percent(series.cpuLimitPercent()), limits);
        cpu.paint(graphics, WIDTH, HEIGHT / 2 - HEAD);
        graphics.translate(0, HEIGHT / 2 - HEAD);
        String allowed = limits == null ? "" : "limit " + Values.humanBytes(limits.memoryBytes());
        head(graphics, title, "memory" + peak(usage), MEMORY, allowed, limits);
        memory.paint(graphics, WIDTH, HEIGHT / 2 - HEAD);
    }

    /** The panel's title and what its lines are, as text that can be searched and copied; XChart would draw outlines. */
    private static void head(
            Graphics2D graphics,
            String title,
            String line,
            Color color,
            String limit,
            @Nullable ResolvedLimits limits) {
        graphics.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 15));
        graphics.setColor(Color.BLACK);
        graphics.drawString(title, MARGIN, BASELINE);
        int x = MARGIN + graphics.getFontMetrics().stringWidth(title) + 3 * MARGIN;
        graphics.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 14));
        x = key(graphics, x, color, line);
        if (limits != null) {
            key(graphics, x, LIMIT, limit);
        }
        graphics.translate(0, HEAD);
    }

    private static int key(Graphics2D graphics, int x, Color color, String text) {
        graphics.setColor(color);
        graphics.fillRect(x, BASELINE - 6, 2 * MARGIN, 3);
        graphics.setColor(Color.BLACK);
        graphics.drawString(text, x + 3 * MARGIN, BASELINE);
        return x + 5 * MARGIN + graphics.getFontMetrics().stringWidth(text);
    }

    private static XYChart panel(String unit, double end) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT / 2 - HEAD)
                .xAxisTitle("seconds")
                .yAxisTitle(unit)
                .build();
        chart.getStyler()
                .setDefaultSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Line)
                .setXAxisMin(0.0)
                .setXAxisMax(end)
                .setYAxisMin(0.0)
                .setChartBackgroundColor(Color.WHITE)
                .setPlotBackgroundColor(Color.WHITE)
                .setChartFontColor(Color.BLACK)
                .setLegendVisible(false)
                .setChartTitleVisible(false);
        chart.getStyler()
                .setAxisTickLabelsFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12))
                .setAxisTitleFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13))
                .setPlotGridLinesColor(new Color(0xe0, 0xe0, 0xe0));
        return chart;
    }

    private static void line(XYChart chart, String name, List<Double> x, List<Double> y, Color color, boolean dashed) {
        if (x.isEmpty()) {
            return;
        }
        XYSeries series = chart.addSeries(name, x, y);
        series.setMarker(SeriesMarkers.NONE);
        series.setLineColor(color);
        series.setLineStyle(
                dashed
                        ? new BasicStroke(
                                LINE, BasicStroke.CAP_BUTT, BasicStroke.JOIN_BEVEL, 1f, new float[] {8f, 6f}, 0f)
                        : new BasicStroke(LINE, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    }

    private static void limit(XYChart chart, @Nullable Double value, double end) {
        if (value != null) {
            line(chart, "limit", List.of(0.0, end), List.of(value, value), LIMIT, true);
        }
    }

    /** Leaves room above the highest of the line and its limit, so that neither lies on the frame. */
    private static void top(XYChart chart, List<Double> values, @Nullable Double limit) {
        double highest = values.isEmpty() ? 1 : Collections.max(values);
        chart.getStyler().setYAxisMax(1.15 * Math.max(0.1, limit == null ? highest : Math.max(highest, limit)));
    }

    private static String total(Usage usage) {
        return usage.cpuTimeMilliseconds() == null
                ? ""
                : " (" + Values.humanMilliseconds(usage.cpuTimeMilliseconds()) + ")";
    }

    private static String peak(Usage usage) {
        return usage.peakMemoryBytes() == null ? "" : " (peak " + Values.humanBytes(usage.peakMemoryBytes()) + ")";
    }

    private static String percent(@Nullable Double value) {
        return value == null ? "" : String.format(Locale.ROOT, "%.0f%%", value);
    }

    private UsageChart() {}
}
