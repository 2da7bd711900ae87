package dev.freshet.bench.report;

import java.util.List;
import java.util.Locale;

/// The main figures as bars, nginx beside Freshet: an SVG that follows the reader's light or dark setting.
public final class Picture {
    private record Bars(String title, String unit, Load load, Metric metric) {}

    private static final List<Bars> ALL = List.of(
            new Bars("CPU per token, 200 streams", "µs", Load.STREAMS_200, Metric.CPU_PER_TOKEN),
            new Bars("CPU per token, 1,000 streams", "µs", Load.STREAMS_1000, Metric.CPU_PER_TOKEN),
            new Bars("Tokens a second on one core", "", Load.FULL, Metric.RATE),
            new Bars("Time to the first token, median", "µs", Load.REQUESTS, Metric.FIRST_MEDIAN),
            new Bars("Resident memory per held stream", "bytes", Load.HELD, Metric.MEMORY_RESIDENT));

    private static final int WIDTH = 720;
    private static final int LEFT = 76;
    private static final int MOST_WIDE = 480;
    private static final int GROUP = 84;
    private static final int TOP = 16;

    private Picture() {}

    /// As SVG text.
    public static String of(Results results) {
        StringBuilder svg = new StringBuilder("""
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$d %2$d" width="%1$d" height="%2$d" role="img" \
                aria-label="nginx and Freshet compared">
                <style>
                text { font: 14px system-ui, sans-serif; fill: #24292f }
                .title { font-weight: 600 }
                .nginx { fill: #8c959f }
                .freshet { fill: #0a7ea4 }
                @media (prefers-color-scheme: dark) {
                  text { fill: #e6edf3 }
                  .nginx { fill: #6e7681 }
                  .freshet { fill: #39b5e0 }
                }
                </style>
                """.formatted(WIDTH, TOP + GROUP * ALL.size()));
        for (int i = 0; i < ALL.size(); i++) group(svg, results, ALL.get(i), TOP + GROUP * i);
        return svg.append("</svg>\n").toString();
    }

    private static void group(StringBuilder svg, Results results, Bars bars, int top) {
        double nginx = results.median("nginx", bars.load(), bars.metric());
        double freshet = results.median("Freshet", bars.load(), bars.metric());
        double most = Math.max(Double.isNaN(nginx) ? 0 : nginx, Double.isNaN(freshet) ? 0 : freshet);
        svg.append("<text class=\"title\" x=\"0\" y=\"%d\">%s</text>\n".formatted(top + 14, bars.title()));
        bar(svg, "nginx", nginx, most, bars.unit(), top + 22);
        bar(svg, "Freshet", freshet, most, bars.unit(), top + 46);
    }

    private static void bar(StringBuilder svg, String name, double value, double most, String unit, int top) {
        if (Double.isNaN(value)) return;
        long width = Math.max(1, Math.round(value / most * MOST_WIDE));
        svg.append("<text x=\"0\" y=\"%d\">%s</text>\n".formatted(top + 14, name));
        svg.append("<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"18\" rx=\"3\"/>\n"
                .formatted(name.toLowerCase(Locale.ROOT), LEFT, top, width));
        String format = value < 100 ? "%,.1f %s" : "%,.0f %s";
        svg.append("<text x=\"%d\" y=\"%d\">%s</text>\n"
                .formatted(
                        LEFT + width + 8,
                        top + 14,
                        String.format(Locale.ROOT, format, value, unit).strip()));
    }
}
