package dev.freshet.bench.soak;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.bench.report.Machine;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.LongUnaryOperator;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;

class SoakReportTest {
    private static final Machine MACHINE = new Machine("2026-01-02", "Abacus", 2, "6.1", "25", "x86_64");
    private static final long MIB = 1 << 20;

    /// Sixty samples, twenty seconds apart.
    private static List<Sample> samples(LongUnaryOperator heap, LongUnaryOperator descriptors) {
        return IntStream.range(0, 60)
                .mapToObj(i ->
                        new Sample(20L * i, heap.applyAsLong(i), 5 * MIB, descriptors.applyAsLong(i), 40, 200 * MIB))
                .toList();
    }

    private static SoakReport report(List<Sample> samples, String... faults) {
        return new SoakReport(MACHINE, samples, List.of("| whole streams | 7 |\n"), List.of(faults));
    }

    @Test
    void whatGrowsAtTheBeginningOnlyAndWaversIsFlat() {
        LongUnaryOperator heap = i -> (Math.min(i, 20) + 40 + (i % 2) * 4) * MIB;
        SoakReport report = report(samples(heap, i -> 100 + i % 7));
        assertThat(report.flatness()).allMatch(Flatness::flat);
        assertThat(report.passed()).isTrue();
        assertThat(report.table()).contains("| threads | 40 | 0 | 4 | flat |").contains("| whole streams | 7 |");
    }

    @Test
    void aSlowLeakIsFound() {
        SoakReport heap = report(samples(i -> 60 * MIB + i * MIB / 2, i -> 100));
        assertThat(heap.passed()).isFalse();
        assertThat(heap.table()).contains("| live heap (MiB) |").contains("**grows**");
        assertThat(report(samples(i -> 60 * MIB, i -> 100 + 2 * i)).passed()).isFalse();
    }

    @Test
    void whatIsLostFailsHoweverFlatTheRestIs() {
        SoakReport report = report(samples(i -> 60 * MIB, i -> 100), "READS: 1 2 4");
        assertThat(report.passed()).isFalse();
        assertThat(report.table()).contains("errors logged | 1 **fail** |");
    }

    @Test
    void thePictureIsXmlWithALineForEachFigure() throws Exception {
        byte[] picture = report(samples(i -> 60 * MIB, i -> 100)).picture().getBytes(StandardCharsets.UTF_8);
        var document =
                DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new ByteArrayInputStream(picture));
        assertThat(document.getElementsByTagName("polyline").getLength()).isEqualTo(Sample.Figure.values().length);
    }

    @Test
    void thePageTakesTheTableBetweenItsMarkers() throws IOException {
        SoakReport report = report(samples(i -> 60 * MIB, i -> 100));
        String page = report.intoPage("before\n" + SoakReport.FROM + "old\n" + SoakReport.TO + "after\n");
        assertThat(page)
                .startsWith("before\n")
                .endsWith("after\n")
                .contains("Abacus")
                .doesNotContain("old\n");
        assertThatThrownBy(() -> report.intoPage("none")).isInstanceOf(IOException.class);
    }
}
