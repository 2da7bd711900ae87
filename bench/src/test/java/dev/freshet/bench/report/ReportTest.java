package dev.freshet.bench.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;

class ReportTest {
    private static final Machine MACHINE = new Machine("2026-01-02", "Abacus", 2, "6.1", "25", "nginx/1");

    private final Results results = new Results(Comparison.PUMP);

    @Test
    void aFigureIsTheMedianOfItsRoundsAndTheRatioIsOfMedians() {
        nginxAndFreshet(Load.STREAMS_200, Metric.CPU_PER_TOKEN, 10, 13);
        results.add("nginx", Load.STREAMS_200, Metric.CPU_PER_TOKEN, 99);
        results.add("nginx", Load.STREAMS_200, Metric.CPU_PER_TOKEN, 9);
        results.add("nginx", Load.STREAMS_200, Metric.CPU_PER_TOKEN, Double.NaN);
        assertThat(results.median("nginx", Load.STREAMS_200, Metric.CPU_PER_TOKEN))
                .isEqualTo(10);
        assertThat(table(0)).contains("| CPU per token (µs) |  | 10.0 | 13.0 | 1.30 |");
    }

    @Test
    void aTargetPassesUpToItsBoundAndFailsOverIt() {
        nginxAndFreshet(Load.STREAMS_200, Metric.CPU_PER_TOKEN, 10, 14);
        nginxAndFreshet(Load.STREAMS_200, Metric.PROXY_BUSY, 20, 28);
        nginxAndFreshet(Load.FULL, Metric.CPU_PER_TOKEN, 10, 14.1);
        assertThat(table(0))
                .contains("| CPU per token, 200 streams × 50 tokens/s, by nginx's | 1.40 | 1.40 | pass |")
                .contains("| CPU per token, as many as one core carries, by nginx's | 1.40 | 1.41 | **fail** |")
                .contains("| time to the first token, median, 500 requests/s, by nginx's | 2.50 |  | not measured |");
    }

    @Test
    void cpuPerTokenOfAFullCoreIsNoVerdict() {
        nginxAndFreshet(Load.STREAMS_2000, Metric.CPU_PER_TOKEN, 10, 10);
        nginxAndFreshet(Load.STREAMS_2000, Metric.PROXY_BUSY, 80, 99);
        assertThat(table(0)).contains("by nginx's | 1.40 | 1.00 | a core is full: see the delays |");
    }

    @Test
    void memoryIsJudgedByTheWorseOfItsTwoFigures() {
        nginxAndFreshet(Load.HELD, Metric.MEMORY_LIVE, 100, 80);
        nginxAndFreshet(Load.HELD, Metric.MEMORY_RESIDENT, 100, 120);
        assertThat(table(0)).contains("by nginx's | 1.00 | 1.20 | **fail** |");
    }

    @Test
    void theDiskStoreIsComparedWithMemoryAndWithTheDirectWay() {
        Results disk = new Results(Comparison.DISK);
        disk.add("memory", Load.STREAMS_200, Metric.CPU_PER_TOKEN, 10);
        disk.add("disk", Load.STREAMS_200, Metric.CPU_PER_TOKEN, 17);
        disk.add("memory", Load.STREAMS_200, Metric.PROXY_BUSY, 20);
        disk.add("disk", Load.STREAMS_200, Metric.PROXY_BUSY, 30);
        disk.add("direct", Load.STREAMS_200, Metric.DELAY_P99, 10);
        disk.add("disk", Load.STREAMS_200, Metric.DELAY_P99, 2_510);
        assertThat(Table.of(disk, MACHINE, 0))
                .contains("| CPU per token, 200 streams × 50 tokens/s, by memory's | 1.60 | 1.70 | **fail** |")
                .contains("| added to a token's way, p99, 200 streams × 50 tokens/s, in ms | 10.00 | 2.50 | pass |")
                .contains("| load | figure | direct | memory | disk | disk / memory |");
        assertThat(Report.of(disk, MACHINE, 0).picture()).isEmpty();
    }

    @Test
    void lostTokensFail() {
        assertThat(table(0)).contains("| tokens lost, all runs | 0 | 0 | pass |");
        assertThat(table(3)).contains("| tokens lost, all runs | 0 | 3 | **fail** |");
    }

    @Test
    void whatAProxyAddsIsItsFigureWithoutTheDirectOne() {
        results.add("direct", Load.REQUESTS, Metric.FIRST_MEDIAN, 20);
        nginxAndFreshet(Load.REQUESTS, Metric.FIRST_MEDIAN, 60, 100);
        assertThat(table(0))
                .contains("| first token, median (µs) | 20.0 | 60.0 | 100 | 1.67 |")
                .contains("| … added to direct | | 40.0 | 80.0 | 2.00 |");
    }

    @Test
    void jsonHasEveryRound() {
        nginxAndFreshet(Load.HELD, Metric.MEMORY_LIVE, 100, 80);
        results.add("nginx", Load.HELD, Metric.MEMORY_LIVE, 200);
        assertThat(Json.of(results, MACHINE, 0).replaceAll("\\s+", ""))
                .contains("\"tokens_lost\":0")
                .contains("\"contender\":\"nginx\",\"load\":\"held\",\"figure\":\"memory_live\","
                        + "\"unit\":\"bytes\",\"median\":150.0,\"rounds\":[100.0,200.0]");
    }

    @Test
    void thePictureIsXmlWithABarForEachFigure() throws Exception {
        nginxAndFreshet(Load.STREAMS_200, Metric.CPU_PER_TOKEN, 10, 14);
        byte[] picture = Picture.of(results).getBytes(StandardCharsets.UTF_8);
        var document =
                DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new ByteArrayInputStream(picture));
        assertThat(document.getElementsByTagName("rect").getLength()).isEqualTo(2);
        assertThat(new String(picture, StandardCharsets.UTF_8)).contains("14.0 µs");
    }

    @Test
    void thePageTakesTheTableBetweenItsMarkersAndKeepsTheRest() throws IOException {
        Report report = Report.of(results, MACHINE, 0);
        String page = report.intoPage("before\n" + Report.FROM + "old figures\n" + Report.TO + "after\n");
        assertThat(page).startsWith("before\n").endsWith(Report.TO + "after\n").contains("Abacus");
        assertThat(page).doesNotContain("old figures");
        assertThat(report.intoPage(page)).isEqualTo(page);
        assertThatThrownBy(() -> report.intoPage("no markers")).isInstanceOf(IOException.class);
    }

    private void nginxAndFreshet(Load load, Metric metric, double nginx, double freshet) {
        results.add("nginx", load, metric, nginx);
        results.add("Freshet", load, metric, freshet);
    }

    private String table(long lost) {
        return Table.of(results, MACHINE, lost);
    }
}
