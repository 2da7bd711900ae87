package dev.freshet.gateway.upstream;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The connections of one event loop that rest, last used first: so the surplus grows old and is closed by its
/// server. Those of HTTP/2 are here all the time, because they take several attempts at once. Owned by that loop.
final class ConnectionPool {
    /// More than this rest nowhere; a burst's surplus is closed.
    private static final int MAX_IDLE_PER_ORIGIN = 1024;

    private final Map<Origin, Deque<UpstreamConnection>> idle = new HashMap<>();
    private final Map<Origin, List<UpstreamSession>> sessions = new HashMap<>();
    private final AtomicInteger size = new AtomicInteger();

    @Nullable
    UpstreamConnection take(Origin origin) {
        Deque<UpstreamConnection> resting = idle.get(origin);
        if (resting == null) return null;
        for (UpstreamConnection next = resting.pollFirst(); next != null; next = resting.pollFirst()) {
            size.decrementAndGet();
            if (next.open()) return next;
        }
        return null;
    }

    void put(UpstreamConnection connection) {
        Deque<UpstreamConnection> resting = idle.computeIfAbsent(connection.origin(), _ -> new ArrayDeque<>());
        if (resting.size() < MAX_IDLE_PER_ORIGIN) {
            resting.addFirst(connection);
            size.incrementAndGet();
        } else {
            connection.close();
        }
    }

    void add(UpstreamSession session) {
        sessions.computeIfAbsent(session.origin(), _ -> new ArrayList<>()).add(session);
    }

    void remove(UpstreamSession session) {
        List<UpstreamSession> others = sessions.get(session.origin());
        if (others != null) others.remove(session);
    }

    /// A connection of HTTP/2 that takes another attempt; null where there is none.
    @Nullable
    UpstreamSession session(Origin origin) {
        for (UpstreamSession session : sessions.getOrDefault(origin, List.of())) if (session.hasRoom()) return session;
        return null;
    }

    /// Whether an origin was found to speak HTTP/2.
    boolean speaksHttp2(Origin origin) {
        return sessions.containsKey(origin);
    }

    void remove(UpstreamConnection connection) {
        Deque<UpstreamConnection> resting = idle.get(connection.origin());
        if (resting != null && resting.remove(connection)) size.decrementAndGet();
    }

    /// How many rest. From any thread.
    int size() {
        return size.get();
    }

    void close() {
        List<UpstreamConnection> all = new ArrayList<>();
        idle.values().forEach(all::addAll);
        all.forEach(UpstreamConnection::close);
        sessions.values().stream().flatMap(List::stream).toList().forEach(UpstreamSession::close);
    }
}
