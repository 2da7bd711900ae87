package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.meter.Extra;
import dev.freshet.gateway.meter.Ledger;
import dev.freshet.gateway.model.Saved;
import dev.freshet.gateway.model.SavedBy;
import dev.freshet.gateway.model.Usage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// `freshet usage --savings`, of a ledger.
class SavingsCommandTest {
    private static final long NOW = System.currentTimeMillis() / 1_000;

    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private Path file = Path.of("");

    @BeforeEach
    void fill() throws IOException {
        Path data = Files.createDirectory(folder.resolve("data"));
        file = Files.writeString(folder.resolve("freshet.yaml"), "data: \"" + data + "\"\n");
        try (Ledger ledger = Ledger.open(data, () -> Duration.ofDays(90), () -> NOW)) {
            ledger.start();
            for (int i = 0; i < 1_000; i++) {
                stop(ledger, "coder.loop", i < 50, 8_000L);
                stop(ledger, "chat.drift", i < 50, 100L);
                stop(ledger, "rare.rule", i < 29, 8_000L);
            }
            stop(ledger, "free.rule", true, null);
            spent(
                    ledger,
                    new SavedBy("bills.rule", "m"),
                    Saved.ofStop(false, false).plus(Saved.ofRetry(9, 9_000L)));
            spent(ledger, new SavedBy("chat.drift", "m"), Saved.ofJudge(400, 500_000_000L));
        }
    }

    /// @param rest null for one whose price is not known
    private static void stop(Ledger ledger, String rule, boolean held, @Nullable Long rest) {
        Saved saved = Saved.ofStop(true, held).plus(Saved.ofRetry(600, 1_000_000L));
        if (held) saved = saved.plus(Saved.ofRest(rest == null ? 1 : rest, rest == null ? null : rest * 2_000, false));
        spent(ledger, new SavedBy(rule, "m"), saved);
    }

    private static void spent(Ledger ledger, SavedBy by, Saved saved) {
        ledger.spent(new Extra(NOW, Extra.HOLDOUT, "m", "up", Usage.reported(0, 0), 0L, "", by, saved));
    }

    private String run(String... more) {
        String[] all = new String[more.length + 4];
        System.arraycopy(new String[] {"usage", "--savings", "-c", file.toString()}, 0, all, 0, 4);
        System.arraycopy(more, 0, all, 4, more.length);
        PrintWriter writer = new PrintWriter(out, true);
        assertThat(Main.run(all, writer, writer)).as("%s", out).isZero();
        return out.toString();
    }

    @Test
    void theTableSaysWhatPaysAndWhatDoesNotAndWhatIsNotKnown() {
        String table = run();
        // 950 stops of 8,000 tokens at two dollars a million, less 1,000 retries of $0.001, less what 50 held out cost
        assertThat(table)
                .containsPattern(
                        "coder\\.loop +m +1,000 +50 +7,600,000 +15\\.2000 +1\\.0000 +0\\.0000 +0\\.8000 +13\\.4000 +yes")
                .containsPattern("chat\\.drift .* 0\\.5000 +0\\.0100 +-1\\.3200 +no")
                .contains("chat.drift for m: its stops cost more than they save")
                .containsPattern("rare\\.rule +m +1,000 +29 +not estimated +not estimated .* not estimated")
                .contains("rare.rule for m: not estimated, because n is under 30")
                .contains("free.rule for m: a price is not known")
                .containsPattern("bills\\.rule +m +0 \\+ 1 +0 +0 +0\\.0000 .* 0\\.0000 +no")
                .contains("bills.rule for m: 1 uncredited stops");
    }

    @Test
    void theSameIsJsonAndCsv() {
        JsonNode rows = new JsonMapper().readTree(run("--json")).get("rows");
        JsonNode drift = rows.valueStream()
                .filter(row -> row.get("rule").asString().equals("chat.drift"))
                .findFirst()
                .orElseThrow();
        assertThat(drift.get("pays").asString()).isEqualTo("no");
        assertThat(drift.at("/net_nano_usd/high").asLong()).isEqualTo(-1_320_000_000L);
        assertThat(drift.at("/holdout/n").asInt()).isEqualTo(50);
        out.getBuffer().setLength(0);
        assertThat(run("--csv").lines())
                .contains("coder.loop,m,1000,0,50,50,7600000,7600000,7600000,15200000000,15200000000,15200000000,"
                        + "1000000000,0,800000000,13400000000,13400000000,13400000000,0,yes")
                .anyMatch(line -> line.startsWith("rare.rule,m,1000,0,29,29,,,,,,,"));
    }

    @Test
    void aDayWithoutStopsSaysSo() {
        assertThat(run("--since", "2099-01-01")).contains("No guard stopped an answer.");
    }
}
