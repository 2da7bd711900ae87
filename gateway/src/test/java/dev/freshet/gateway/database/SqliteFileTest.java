package dev.freshet.gateway.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteFileTest {
    private static final int OPENERS = 8;
    private static final int ROUNDS = 50;
    private static final List<List<String>> VERSIONS =
            List.of(List.of("CREATE TABLE one (number INTEGER)"), List.of("CREATE TABLE two (number INTEGER)"));

    /// SQLite does not wait for the lock with which a new file becomes one with a write-ahead log.
    @Test
    void whoOpensANewFileAtTheSameMomentWaitsForTheOthers(@TempDir Path folder) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(OPENERS)) {
            for (int round = 0; round < ROUNDS; round++) {
                SqliteFile file = new SqliteFile(folder.resolve(round + ".db"), VERSIONS, false);
                CyclicBarrier barrier = new CyclicBarrier(OPENERS);
                List<Future<Integer>> opened = new ArrayList<>();
                for (int i = 0; i < OPENERS; i++) {
                    opened.add(threads.submit(() -> {
                        barrier.await();
                        return insert(file);
                    }));
                }
                for (Future<Integer> one : opened) assertThat(one.get()).isEqualTo(1);
                try (Connection connection = file.open();
                        Statement statement = connection.createStatement();
                        ResultSet count = statement.executeQuery("SELECT count(*) FROM two")) {
                    count.next();
                    assertThat(count.getInt(1)).isEqualTo(OPENERS);
                }
            }
        }
    }

    private static int insert(SqliteFile file) throws Exception {
        try (Connection connection = file.open();
                Statement statement = connection.createStatement()) {
            return statement.executeUpdate("INSERT INTO two VALUES (1)");
        }
    }
}
