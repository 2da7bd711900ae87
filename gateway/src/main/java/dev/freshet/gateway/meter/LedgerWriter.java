package dev.freshet.gateway.meter;

import dev.freshet.gateway.model.Usage;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Writes to the ledger's database. Every call is one transaction, whole or not at all. Owned by one thread.
final class LedgerWriter implements AutoCloseable {
    private static final int SUMS = LedgerFile.SUMS.split(",", -1).length;
    private static final int TEXTS = 6;
    private static final long SECONDS_A_DAY = 86_400;

    private final Connection connection;
    private final PreparedStatement open;
    private final PreparedStatement close;
    private final PreparedStatement row;
    private final PreparedStatement total;
    private final PreparedStatement user;
    private final PreparedStatement tag;
    private final PreparedStatement token;
    private final PreparedStatement calibration;
    private final PreparedStatement saving;
    private final String run;

    /// @param run the name of this process's work
    LedgerWriter(Connection connection, String run) throws SQLException {
        this.connection = connection;
        this.run = run;
        connection.setAutoCommit(false);
        open = connection.prepareStatement(
                "INSERT OR IGNORE INTO open VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        close = connection.prepareStatement("DELETE FROM open WHERE stream = ?");
        row = connection.prepareStatement("INSERT INTO exchange (stream, key, owner, team, user, tag, model, provider,"
                + " served, created, ended, outcome, source, prompt, cached, completion, reasoning, spread, at_least, nano_usd,"
                + " attempts, at_risk, first_token_ms, duration_ms, detail)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        total = connection.prepareStatement(upsert("total", "day, key, owner, team, model, provider", TEXTS));
        user = connection.prepareStatement(upsert("total_user", "day, name", 2));
        tag = connection.prepareStatement(upsert("total_tag", "day, name", 2));
        token = connection.prepareStatement("INSERT INTO token VALUES (?, ?, ?)"
                + " ON CONFLICT DO UPDATE SET nano_usd = nano_usd + excluded.nano_usd, day = excluded.day");
        calibration = connection.prepareStatement("INSERT OR REPLACE INTO calibration VALUES (?, ?, ?, ?, ?, ?, ?)");
        saving = SavingsTable.upsert(connection);
    }

    Connection connection() {
        return connection;
    }

    private static String upsert(String table, String keys, int keyCount) {
        String marks = "?" + ", ?".repeat(keyCount + SUMS - 1);
        StringBuilder sums = new StringBuilder();
        for (String column : LedgerFile.SUMS.split(", ", -1)) {
            sums.append(sums.isEmpty() ? "" : ", ").append(column).append(" = ").append(column);
            sums.append(" + excluded.").append(column);
        }
        return "INSERT INTO " + table + " (" + keys + ", " + LedgerFile.SUMS + ") VALUES (" + marks
                + ") ON CONFLICT DO UPDATE SET " + sums;
    }

    /// What is to be written at once.
    ///
    /// @param settled those of this process that have an open row; or that never got one, because they were
    /// settled before it was written
    /// @param extras what was spent beside them
    record Batch(
            List<Opened> opened,
            List<Entry> settled,
            List<Extra> extras,
            Map<Calibrations.Of, Calibration> calibrations) {}

    /// A settled exchange is written once: with its open row, which is removed in the same transaction. One
    /// that has none, because an earlier process settled it, is left out.
    void write(Batch batch) throws SQLException {
        try {
            Map<String, Opened> opened = new HashMap<>();
            for (Opened one : batch.opened()) opened.put(one.stream(), one);
            Sums sums = new Sums();
            for (Entry entry : batch.settled()) {
                boolean fresh = opened.remove(entry.stream()) != null;
                if (!fresh && !closed(entry.stream())) continue;
                insert(entry);
                sums.add(entry);
            }
            batch.extras().forEach(sums::add);
            for (Opened one : opened.values()) insert(one);
            open.executeBatch();
            row.executeBatch();
            write(total, sums.totals);
            write(user, sums.users);
            write(tag, sums.tags);
            write(token, sums.tokens);
            sums.saved.write(saving);
            for (Map.Entry<Calibrations.Of, Calibration> one :
                    batch.calibrations().entrySet()) insert(one.getKey(), one.getValue());
            calibration.executeBatch();
            connection.commit();
        } catch (SQLException e) {
            forget(e);
            throw e;
        }
    }

    /// SQLite may have rolled back by itself.
    private void forget(SQLException cause) {
        try {
            for (PreparedStatement one : List.of(open, row, total, user, tag, token, calibration, saving))
                one.clearBatch();
            connection.rollback();
        } catch (SQLException e) {
            cause.addSuppressed(e);
        }
    }

    private boolean closed(String stream) throws SQLException {
        close.setString(1, stream);
        return close.executeUpdate() > 0;
    }

    private void insert(Opened one) throws SQLException {
        Spender who = one.spender();
        texts(
                open,
                one.stream(),
                run,
                who.key(),
                who.owner(),
                who.team(),
                who.user(),
                who.tag(),
                who.token(),
                one.model(),
                one.served().provider(),
                one.served().model());
        numbers(open, 12, one.created(), one.prompt(), one.nanoUsd());
        open.addBatch();
    }

    private void insert(Entry entry) throws SQLException {
        Spender who = entry.spender();
        Usage usage = entry.usage();
        texts(
                row,
                entry.stream(),
                who.key(),
                who.owner(),
                who.team(),
                who.user(),
                who.tag(),
                entry.model(),
                entry.served().provider(),
                entry.served().model());
        numbers(row, 10, entry.created(), entry.ended());
        row.setString(12, entry.outcome());
        row.setString(13, usage == null ? null : usage.estimated() ? "estimated" : "reported");
        numbers(
                row,
                14,
                usage == null ? null : usage.prompt(),
                usage == null ? null : usage.cached(),
                usage == null ? null : usage.completion(),
                usage == null ? null : usage.reasoning(),
                usage == null ? null : (long) usage.spread(),
                usage == null ? null : usage.atLeast() ? 1L : 0L,
                entry.nanoUsd(),
                (long) entry.attempts(),
                (long) entry.atRisk(),
                entry.firstTokenMillis(),
                entry.durationMillis());
        row.setString(25, entry.detail());
        row.addBatch();
    }

    /// What a batch adds to each total: its key, then its sums.
    private static final class Sums {
        private final Map<List<Object>, long[]> totals = new HashMap<>();
        private final Map<List<Object>, long[]> users = new HashMap<>();
        private final Map<List<Object>, long[]> tags = new HashMap<>();
        private final Map<List<Object>, long[]> tokens = new HashMap<>();
        private final SavingsTable saved = new SavingsTable();

        void add(Entry entry) {
            Spender who = entry.spender();
            add(entry.day(), who, entry.model(), entry.served().provider(), sums(entry));
            entry.saved().forEach((by, one) -> saved.add(entry.day(), text(who.key()), by, one));
        }

        void add(Extra extra) {
            Usage usage = extra.usage();
            long[] sums = sums(0, usage, extra.nanoUsd(), 0);
            add(extra.day(), extra.spender(), extra.model(), extra.provider(), sums);
            if (extra.by() != null) saved.add(extra.day(), extra.key(), extra.by(), extra.saved());
        }

        private void add(long day, Spender who, String model, String provider, long[] sums) {
            List<Object> key = List.of(day, text(who.key()), who.owner(), text(who.team()), model, provider);
            add(totals, key, sums);
            if (who.user() != null) add(users, List.of(day, who.user()), sums);
            if (who.tag() != null) add(tags, List.of(day, who.tag()), sums);
            if (who.token() != null) add(tokens, List.of(who.token(), day), new long[] {sums[SUMS - 1]});
        }

        private static long[] sums(Entry entry) {
            return sums(1, entry.usage(), entry.nanoUsd(), entry.atRisk());
        }

        private static long[] sums(int requests, @Nullable Usage usage, @Nullable Long nanoUsd, int atRisk) {
            return new long[] {
                requests,
                usage == null ? 0 : usage.prompt(),
                usage == null ? 0 : usage.cached(),
                usage == null ? 0 : usage.completion(),
                usage == null ? 0 : usage.reasoning(),
                usage != null && usage.estimated() ? 1 : 0,
                nanoUsd == null ? 1 : 0,
                atRisk,
                Objects.requireNonNullElse(nanoUsd, 0L)
            };
        }

        private static void add(Map<List<Object>, long[]> into, List<Object> key, long[] sums) {
            into.merge(key, sums, (before, more) -> {
                long[] both = before.clone();
                for (int i = 0; i < both.length; i++) both[i] += more[i];
                return both;
            });
        }
    }

    private static void write(PreparedStatement into, Map<List<Object>, long[]> sums) throws SQLException {
        for (Map.Entry<List<Object>, long[]> one : sums.entrySet()) {
            int at = 1;
            for (Object part : one.getKey()) into.setObject(at++, part);
            for (long sum : one.getValue()) into.setLong(at++, sum);
            into.addBatch();
        }
        into.executeBatch();
    }

    private void insert(Calibrations.Of what, Calibration known) throws SQLException {
        texts(
                calibration,
                what.model().provider(),
                what.model().model(),
                what.part().name());
        calibration.setLong(4, known.streams());
        calibration.setDouble(5, known.mean());
        calibration.setDouble(6, known.squares());
        calibration.setBoolean(7, known.hidden());
        calibration.addBatch();
    }

    /// Removes the oldest single rows, a few at a time, so that nobody waits long.
    ///
    /// @param before in seconds since 1970
    /// @param now in seconds since 1970; tokens of minutes that were used before yesterday are forgotten too
    /// @return how many
    int forget(long before, int most, long now) throws SQLException {
        try (PreparedStatement delete = connection.prepareStatement("DELETE FROM exchange WHERE id IN (SELECT id FROM"
                        + " (SELECT id, ended FROM exchange ORDER BY id LIMIT ?) WHERE ended < ?)");
                PreparedStatement tokens = connection.prepareStatement("DELETE FROM token WHERE day < ?")) {
            delete.setInt(1, most);
            delete.setLong(2, before);
            int gone = delete.executeUpdate();
            tokens.setLong(1, Math.floorDiv(now, SECONDS_A_DAY) - 2);
            tokens.executeUpdate();
            connection.commit();
            return gone;
        } catch (SQLException e) {
            connection.rollback();
            throw e;
        }
    }

    private static void texts(PreparedStatement into, @Nullable String... texts) throws SQLException {
        for (int i = 0; i < texts.length; i++) into.setString(i + 1, texts[i]);
    }

    private static void numbers(PreparedStatement into, int from, @Nullable Long... numbers) throws SQLException {
        for (int i = 0; i < numbers.length; i++) {
            if (numbers[i] == null) into.setNull(from + i, Types.INTEGER);
            else into.setLong(from + i, numbers[i]);
        }
    }

    private static String text(@Nullable String value) {
        return value == null ? "" : value;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
