package dev.freshet.gateway.access;

import dev.freshet.gateway.database.SqliteFile;
import dev.freshet.gateway.model.Allowance;
import dev.freshet.gateway.model.Budget;
import dev.freshet.gateway.model.Key;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/// The keys that `freshet keys` makes, in a SQLite file of the data folder. Of a key's text only a keyed
/// hash is kept. Each call opens the file anew, because they are rare and come from several processes.
/// Thread-safe.
public final class KeyStore {
    private static final String FILE = "freshet.db";
    private static final String SECRET = "keys.secret";
    private static final String ID_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";
    private static final int ID_LENGTH = 10;

    private static final List<List<String>> SCHEMA = List.of(
            List.of("CREATE TABLE IF NOT EXISTS key (id TEXT PRIMARY KEY, hash BLOB NOT NULL, name TEXT NOT NULL,"
                    + " owner TEXT, team TEXT, models TEXT NOT NULL, rpm INTEGER, streams INTEGER,"
                    + " created INTEGER NOT NULL, expires INTEGER, revoked INTEGER) STRICT"),
            List.of(
                    "ALTER TABLE key ADD COLUMN tpm INTEGER",
                    "ALTER TABLE key ADD COLUMN budget INTEGER", // in nano-dollars
                    "ALTER TABLE key ADD COLUMN period TEXT"));

    private final Path folder;
    private final SqliteFile database;

    /// @param folder the data folder, which need not be there yet
    public KeyStore(Path folder) {
        this.folder = folder;
        database = new SqliteFile(folder.resolve(FILE), SCHEMA, true);
    }

    /// A key as it is stored.
    ///
    /// @param hash keyed, of its text
    record Stored(Key key, byte[] hash) {}

    /// What a new key is to be.
    ///
    /// @param expires in seconds since 1970; null where it does not
    public record Wanted(
            String name,
            @Nullable String owner,
            @Nullable String team,
            Allowance allowance,
            @Nullable Long expires) {}

    /// Whether there has ever been a key.
    public boolean exists() {
        return database.exists();
    }

    private Path file() {
        return folder.resolve(FILE);
    }

    /// Changes with each change of the file, roughly: equal stamps mean that nothing changed since long.
    String stamp() {
        try {
            Path journal = folder.resolve(FILE + "-wal");
            String more = Files.exists(journal) ? Files.getLastModifiedTime(journal) + "/" + Files.size(journal) : "";
            return Files.getLastModifiedTime(file()) + "/" + Files.size(file()) + "/" + more;
        } catch (IOException e) {
            return "";
        }
    }

    /// The secret with which keys' texts are hashed.
    ///
    /// @throws KeyStoreException where it cannot be read or made
    SecretKeySpec secret() {
        try {
            return Secrets.key(Secrets.of(folder.resolve(SECRET)));
        } catch (IOException e) {
            throw new KeyStoreException(
                    "the keys' secret cannot be used (" + e.getMessage()
                            + "); make the data folder writable, or put the file back from a backup",
                    e);
        }
    }

    /// Makes a key.
    ///
    /// @param now in seconds since 1970
    /// @return its text, which is shown once and kept nowhere
    /// @throws KeyStoreException where the file cannot be used
    public String create(Wanted wanted, long now) {
        SecureRandom random = new SecureRandom();
        StringBuilder id = new StringBuilder();
        for (int i = 0; i < ID_LENGTH; i++) id.append(ID_LETTERS.charAt(random.nextInt(ID_LETTERS.length())));
        String text = KeyText.of(
                id.toString(), Base64.getUrlEncoder().withoutPadding().encodeToString(Secrets.random()));
        byte[] hash = Secrets.mac(secret(), text);
        try (Connection connection = database.open();
                PreparedStatement insert = connection.prepareStatement(
                        "INSERT INTO key (id, hash, name, owner, team, models, rpm, streams, created, expires, tpm,"
                                + " budget, period) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
            insert.setString(1, id.toString());
            insert.setBytes(2, hash);
            insert.setString(3, wanted.name());
            insert.setString(4, wanted.owner());
            insert.setString(5, wanted.team());
            insert.setString(6, String.join(",", wanted.allowance().models()));
            insert.setObject(7, wanted.allowance().rpm());
            insert.setObject(8, wanted.allowance().streams());
            insert.setLong(9, now);
            insert.setObject(10, wanted.expires());
            Budget budget = wanted.allowance().budget();
            insert.setObject(11, wanted.allowance().tpm());
            insert.setObject(12, budget == null ? null : budget.nanoUsd());
            insert.setString(13, budget == null ? null : budget.period().name());
            insert.executeUpdate();
            return text;
        } catch (SQLException e) {
            throw unusable(e);
        }
    }

    /// All keys, in the order in which they were made.
    ///
    /// @throws KeyStoreException where the file cannot be used
    public List<Key> list() {
        return stored().stream().map(Stored::key).toList();
    }

    List<Stored> stored() {
        if (!exists()) return List.of();
        try (Connection connection = database.open();
                Statement query = connection.createStatement();
                ResultSet rows = query.executeQuery(
                        "SELECT id, name, owner, team, models, rpm, streams, created, expires, revoked, hash, tpm, budget, period FROM key ORDER BY created, id")) {
            List<Stored> all = new ArrayList<>();
            while (rows.next()) all.add(new Stored(key(rows), rows.getBytes(11)));
            return all;
        } catch (SQLException e) {
            throw unusable(e);
        }
    }

    private static Key key(ResultSet row) throws SQLException {
        String models = row.getString(5);
        return new Key(
                row.getString(1),
                row.getString(2),
                row.getString(3),
                row.getString(4),
                new Allowance(
                        models.isEmpty() ? List.of() : List.of(models.split(",", -1)),
                        count(row, 6),
                        count(row, 12),
                        count(row, 7),
                        budget(row)),
                row.getLong(8),
                time(row, 9),
                time(row, 10));
    }

    private static @Nullable Budget budget(ResultSet row) throws SQLException {
        String period = row.getString(14);
        return period == null ? null : new Budget(row.getLong(13), Budget.Period.valueOf(period));
    }

    private static @Nullable Integer count(ResultSet row, int column) throws SQLException {
        int count = row.getInt(column);
        return row.wasNull() ? null : count;
    }

    private static @Nullable Long time(ResultSet row, int column) throws SQLException {
        long seconds = row.getLong(column);
        return row.wasNull() ? null : seconds;
    }

    /// Revokes a key. One that was revoked stays so.
    ///
    /// @param id of the key
    /// @param now in seconds since 1970
    /// @throws KeyStoreException where the file cannot be used
    public void revoke(String id, long now) {
        try (Connection connection = database.open();
                PreparedStatement update =
                        connection.prepareStatement("UPDATE key SET revoked = ? WHERE id = ? AND revoked IS NULL")) {
            update.setLong(1, now);
            update.setString(2, id);
            update.executeUpdate();
        } catch (SQLException e) {
            throw unusable(e);
        }
    }

    private KeyStoreException unusable(SQLException e) {
        return new KeyStoreException(
                "the keys' file " + file().toAbsolutePath() + " cannot be used (" + e.getMessage()
                        + "); make it readable and writable, or name another folder with `data:`",
                e);
    }
}
