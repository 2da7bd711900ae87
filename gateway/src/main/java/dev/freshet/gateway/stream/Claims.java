package dev.freshet.gateway.stream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.freshet.gateway.model.StreamId;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/// Idempotency-Keys: which request has taken which, for 24 hours. Thread-safe.
public final class Claims {
    private static final Duration KEPT = Duration.ofHours(24);
    /// More than this many are not remembered: the oldest goes first.
    private static final int MAX = 500_000;

    private final ConcurrentMap<Claim.Key, Taken> taken;

    Claims(Ticker ticker) {
        Cache<Claim.Key, Taken> cache = Caffeine.newBuilder()
                .ticker(ticker)
                .executor(Runnable::run)
                .expireAfterWrite(KEPT)
                .maximumSize(MAX)
                .build();
        taken = cache.asMap();
    }

    /// What a key stands for.
    ///
    /// @param request a digest of the request that took it
    /// @param log the stream's log, where it is one of this process
    private record Taken(
            byte[] request, StreamId id, @Nullable StreamLog log) {}

    /// What became of a claim.
    public sealed interface Answer {
        /// The key is the caller's now.
        record Yours() implements Answer {}

        /// The same request has it: this is its stream.
        ///
        /// @param log null where the store must be asked for it
        record Same(StreamId id, @Nullable StreamLog log) implements Answer {}

        /// Another request has it.
        record Other() implements Answer {}
    }

    /// Takes a key for a stream that is about to begin, unless it is taken.
    Answer claim(Claim claim, StreamLog log) {
        Taken before = taken.putIfAbsent(claim.key(), new Taken(claim.request(), log.id(), log));
        if (before == null) return new Answer.Yours();
        if (!Arrays.equals(before.request, claim.request())) return new Answer.Other();
        return new Answer.Same(before.id, before.log);
    }

    /// The claim of a stream of an earlier process.
    void restore(Claim claim, StreamId id, @Nullable StreamLog log) {
        taken.putIfAbsent(claim.key(), new Taken(claim.request(), id, log));
    }

    /// Gives a key free, where it is still that stream's.
    void release(Claim claim, StreamId id) {
        taken.computeIfPresent(claim.key(), (_, current) -> current.id.equals(id) ? null : current);
    }

    /// The stream is complete: from now on the store knows its log, for as long as it is kept.
    void complete(Claim claim, StreamId id) {
        taken.computeIfPresent(
                claim.key(), (_, current) -> current.id.equals(id) ? new Taken(current.request, id, null) : current);
    }
}
