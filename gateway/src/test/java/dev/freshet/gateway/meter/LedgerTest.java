package dev.freshet.gateway.meter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.freshet.gateway.model.Spent;
import dev.freshet.gateway.model.Usage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class LedgerTest {
    private static final long DAY = 86_400;
    private static final Served SERVED = new Served("up", "m-1");

    @TempDir
    Path folder;

    private final AtomicLong clock = new AtomicLong(20_000 * DAY + 1_000);
    private final AtomicReference<Duration> keep = new AtomicReference<>(Duration.ofDays(90));

    private Ledger open() {
        Ledger ledger = Ledger.open(folder, keep::get, clock::get);
        ledger.takeOver(Set.of());
        return ledger;
    }

    private static Spender spender(@Nullable String user, @Nullable String tag) {
        return new Spender("k", "o", "t", user, tag, null);
    }

    private Opened opened(String stream) {
        return new Opened(stream, spender("u", "g"), "m", SERVED, clock.get(), 40, 4_000L);
    }

    private Entry entry(String stream, @Nullable Usage usage, @Nullable Long nanoUsd) {
        return new Entry(
                stream,
                spender("u", "g"),
                "m",
                SERVED,
                clock.get() - 5,
                clock.get(),
                "completed",
                usage,
                nanoUsd,
                1,
                0,
                12,
                5_000,
                null,
                Map.of());
    }

    private long number(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("ledger.db"));
                Statement query = connection.createStatement();
                var row = query.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    private Map<String, Spent> report(Report.By by) {
        return Ledger.ask(folder, new Report(by, 0, null)::read);
    }

    @Test
    void anExchangeIsWrittenOnceAndSummedInEveryTotal() throws Exception {
        try (Ledger ledger = open()) {
            ledger.start();
            ledger.opened(opened("a"), null);
            ledger.settled(entry("a", Usage.reported(10, 4, 20, 5), 77L), false);
            ledger.settled(entry("a", Usage.reported(10, 4, 20, 5), 77L), false);
            ledger.opened(opened("b"), null);
            ledger.ask(Connection::isClosed).get(10, TimeUnit.SECONDS);
            ledger.settled(entry("b", Usage.estimated(1, 2), null), false);
            ledger.settled(entry("never opened", Usage.reported(1, 1), 1L), false);
        }
        assertThat(number("SELECT count(*) FROM exchange")).isEqualTo(2);
        assertThat(number("SELECT count(*) FROM open")).isZero();
        Spent both = new Spent(2, 11, 4, 22, 5, 1, 1, 0, 77);
        assertThat(report(Report.By.KEY)).isEqualTo(Map.of("k", both));
        assertThat(report(Report.By.OWNER)).isEqualTo(Map.of("o", both));
        assertThat(report(Report.By.TEAM)).isEqualTo(Map.of("t", both));
        assertThat(report(Report.By.MODEL)).isEqualTo(Map.of("m", both));
        assertThat(report(Report.By.PROVIDER)).isEqualTo(Map.of("up", both));
        assertThat(report(Report.By.USER)).isEqualTo(Map.of("u", both));
        assertThat(report(Report.By.TAG)).isEqualTo(Map.of("g", both));
        assertThat(report(Report.By.DAY)).isEqualTo(Map.of("2024-10-04", both));
    }

    @Test
    void whatADeadProcessLeftIsSettledAsWhatItsPromptsTookAndNothingTwice() throws Exception {
        Ledger dead = open();
        dead.start();
        for (String stream : List.of("a", "b", "c")) dead.opened(opened(stream), null);
        dead.close(); // its lock is gone, as the system takes that of a process that is killed
        clock.addAndGet(60);
        try (Ledger next = Ledger.open(folder, keep::get, clock::get)) {
            assertThat(next.takeOver(Set.of("b")).keySet()).containsExactly("b");
            assertThat(next.spent("key", 0)).isEqualTo(Map.of("k", 8_000L));
            next.start();
            next.settled(entry("b", Usage.estimated(40, 3), 4_300L), false);
            next.settled(entry("a", Usage.estimated(40, 3), 4_300L), false);
        }
        assertThat(report(Report.By.KEY).get("k")).isEqualTo(new Spent(3, 120, 0, 3, 0, 3, 0, 0, 12_300));
        assertThat(number("SELECT count(*) FROM exchange WHERE outcome = 'stream_interrupted'"))
                .isEqualTo(2);
    }

    @Test
    void anotherProcessThatLivesOnTheSameFolderKeepsItsOwn() throws Exception {
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        Logger logger = (Logger) LoggerFactory.getLogger(Ledger.class);
        logger.addAppender(log);
        try (Ledger one = open()) {
            one.start();
            one.opened(opened("its"), null);
            one.ask(Connection::isClosed).get(10, TimeUnit.SECONDS);
            try (Ledger other = open()) {
                other.start();
                one.ask(new Report(Report.By.KEY, 0, null)::read).get(10, TimeUnit.SECONDS);
                other.opened(opened("other"), null);
                other.settled(entry("other", null, 0L), false);
            }
            assertThat(number("SELECT count(*) FROM open WHERE stream = 'its'")).isEqualTo(1);
            one.settled(entry("its", null, 0L), false);
        }
        logger.detachAppender(log);
        assertThat(log.list)
                .as("what the other wrote meanwhile is no hindrance")
                .isEmpty();
        assertThat(number("SELECT count(*) FROM exchange")).isEqualTo(2);
        try (var files = Files.list(folder)) {
            assertThat(files.filter(file -> file.toString().endsWith(".lock"))).isEmpty();
        }
    }

    @Test
    void singleRowsAreForgottenInTheirTimeAndTotalsStay() throws Exception {
        try (Ledger ledger = open()) {
            ledger.start();
            for (int i = 0; i < 5_000; i++) {
                ledger.opened(opened("old" + i), null);
                ledger.settled(entry("old" + i, Usage.reported(1, 1), 1L), false);
            }
            ledger.ask(Connection::isClosed).get(10, TimeUnit.SECONDS);
        }
        clock.addAndGet(91 * DAY);
        try (Ledger ledger = open()) {
            ledger.start();
            for (int i = 0; number("SELECT count(*) FROM exchange WHERE stream LIKE 'old%'") > 0; i++) {
                assertThat(i).isLessThan(1_000);
                ledger.opened(opened("new" + i), null);
                ledger.settled(entry("new" + i, Usage.reported(1, 1), 1L), false);
                ledger.ask(Connection::isClosed).get(10, TimeUnit.SECONDS);
            }
        }
        Spent all = report(Report.By.KEY).get("k");
        assertThat(all).isNotNull();
        assertThat(all.requests()).isGreaterThan(5_000);
    }

    @Test
    void howCountsCompareIsKnownAfterARestart() throws Exception {
        Counter first = new Counter();
        try (Ledger ledger = open()) {
            ledger.calibrate(first);
            ledger.start();
            for (int i = 0; i < 50; i++) {
                double noise = i % 2 == 0 ? 0.98 : 1.02;
                first.calibrations()
                        .learn(
                                SERVED,
                                new Calibrations.Counted(100, 1_000, 0),
                                Usage.reported(110, Math.round(1_300 * noise)));
            }
            ledger.opened(opened("a"), null);
            ledger.settled(entry("a", null, 0L), false);
        }
        Counter second = new Counter();
        try (Ledger ledger = open()) {
            ledger.calibrate(second);
        }
        Usage estimate = second.calibrations().estimate(SERVED, new Calibrations.Counted(1_000, 1_000, 0));
        assertThat(estimate.prompt()).isEqualTo(1_100);
        assertThat(estimate.completion()).isEqualTo(1_300);
        assertThat(estimate.spread()).isBetween(19, 21);
        first.close();
        second.close();
    }

    @Test
    void aModelThatThinksInSecretMakesACountALowerBound() {
        Calibrations calibrations = new Calibrations();
        calibrations.learn(SERVED, new Calibrations.Counted(50, 100, 0), Usage.reported(50, 0, 900, 800));
        Usage estimate = calibrations.estimate(SERVED, new Calibrations.Counted(50, 40, 0));
        assertThat(estimate.atLeast()).isTrue();
        assertThat(estimate.completion()).isEqualTo(40);
        assertThat(estimate.spread()).isEqualTo(200);
        assertThat(calibrations
                        .estimate(new Served("up", "gpt-4o"), new Calibrations.Counted(50, 40, 0))
                        .spread())
                .isEqualTo(20);
    }

    @Test
    void aLedgerThatCannotBeUsedIsSaidWithTheCure() throws IOException {
        Files.writeString(folder.resolve("ledger.db"), "this is no database, and never was one; it is only a text");
        assertThatThrownBy(this::open)
                .isInstanceOf(LedgerException.class)
                .hasMessageContaining("move it away to begin with an empty one");
        assertThatThrownBy(() -> Ledger.ask(folder.resolve("none"), Connection::isClosed))
                .isInstanceOf(LedgerException.class)
                .hasMessageContaining("there is no ledger in");
    }

    @Test
    void aLedgerOfANewerVersionIsLeftAlone() throws Exception {
        open().close();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("ledger.db"));
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA user_version = 99");
        }
        assertThatThrownBy(this::open).hasMessageContaining("made by a newer version");
    }

    /// Ten million exchanges of 90 days, of 50 keys, 20 models, 1,000 users and 20 tags.
    @Test
    void reportsOfTenMillionRowsTakeLessThanTwoSecondsAndForgettingThemStopsNobody() throws Exception {
        int rows = 10_000_000;
        open().close();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("ledger.db"));
                Statement statement = connection.createStatement()) {
            statement.execute("PRAGMA synchronous = OFF");
            statement.execute("PRAGMA journal_mode = OFF");
            statement.execute("BEGIN");
            statement.execute("WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n LIMIT " + rows + ")"
                    + " INSERT INTO exchange (stream, key, owner, model, provider, served, created, ended, outcome, attempts,"
                    + " at_risk, first_token_ms, duration_ms, prompt, completion, nano_usd, user, tag)"
                    + " SELECT 's' || i, 'key' || (i % 50), 'o' || (i % 10), 'm' || (i * 7 % 20), 'up', 'm', 0,"
                    + " (19910 + i / (" + rows
                    + " / 90)) * 86400, 'completed', 1, 0, 9, 99, 100 + i % 900, 50, i % 1000,"
                    + " 'u' || (i % 1000), 't' || (i % 20) FROM n");
            String sums = "count(*), sum(prompt), 0, sum(completion), 0, 0, 0, 0, sum(nano_usd)";
            statement.execute("INSERT INTO total SELECT ended / 86400, key, owner, '', model, provider, " + sums
                    + " FROM exchange GROUP BY 1, 2, 3, 5, 6");
            statement.execute(
                    "INSERT INTO total_user SELECT ended / 86400, user, " + sums + " FROM exchange GROUP BY 1, 2");
            statement.execute(
                    "INSERT INTO total_tag SELECT ended / 86400, tag, " + sums + " FROM exchange GROUP BY 1, 2");
            statement.execute("COMMIT");
        }
        for (Report.By by : Report.By.values()) {
            long began = System.nanoTime();
            Map<String, Spent> report = report(by);
            Duration took = Duration.ofNanos(System.nanoTime() - began);
            System.out.println("10,000,000 rows: usage by " + by.word() + ", " + report.size() + " lines, in "
                    + took.toMillis() + " ms");
            assertThat(took).isLessThan(Duration.ofSeconds(2));
            assertThat(report.values().stream().mapToLong(Spent::requests).sum())
                    .isEqualTo(rows);
        }
        keep.set(Duration.ofDays(45));
        forgetsWhileItWrites();
    }

    private void forgetsWhileItWrites() throws Exception {
        long before = number("SELECT min(id) FROM exchange");
        List<Long> millis = new ArrayList<>();
        try (Ledger ledger = open()) {
            ledger.start();
            for (int i = 0; i < 50; i++) {
                long began = System.nanoTime();
                ledger.opened(opened("new" + i), null);
                ledger.settled(entry("new" + i, Usage.reported(1, 1), 1L), false);
                ledger.ask(Connection::isClosed).get(10, TimeUnit.SECONDS);
                millis.add((System.nanoTime() - began) / 1_000_000);
            }
        }
        long gone = number("SELECT min(id) FROM exchange") - before;
        System.out.println(gone + " old rows were removed meanwhile; a new one waited for "
                + millis.stream().mapToLong(Long::longValue).max().orElseThrow() + " ms at most");
        assertThat(gone).isGreaterThan(10_000);
    }
}
