package dev.freshet.gateway.stream;

import dev.freshet.gateway.model.Owner;
import dev.freshet.gateway.model.StreamId;
import java.security.SecureRandom;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What is known of a stream from its beginning, and never changes. It is kept with the log.
///
/// @param gen random letters that stand in each cursor, so that a cursor of another log is not taken for one of
/// this
/// @param key the id of the key that began it; null where none was asked for
/// @param created in seconds since 1970
/// @param model the name that the client asked for
/// @param grace how long the stream goes on without any reader
/// @param maxBytes how much its entries may take, in bytes
/// @param claim of the request's Idempotency-Key; null where it has none
public record StreamHead(
        StreamId id,
        String gen,
        Owner owner,
        @Nullable String key,
        long created,
        String model,
        Duration grace,
        long maxBytes,
        @Nullable Claim claim) {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int GEN_LETTERS = 5;

    /// New letters for a log. Thread-safe.
    public static String newGen() {
        StringBuilder letters = new StringBuilder(GEN_LETTERS);
        for (int i = 0; i < GEN_LETTERS; i++) letters.append((char) ('a' + RANDOM.nextInt(26)));
        return letters.toString();
    }
}
