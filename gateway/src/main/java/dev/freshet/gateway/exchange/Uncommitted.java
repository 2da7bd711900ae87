package dev.freshet.gateway.exchange;

import dev.freshet.gateway.stream.EntryKind;
import dev.freshet.gateway.stream.StreamLog;
import java.util.ArrayList;
import java.util.List;

/// The events of an attempt that came before its first content: a role, mostly. They get no number before the
/// commit, and are forgotten with an attempt that fails.
final class Uncommitted {
    private record Waiting(EntryKind kind, byte[] bytes) {}

    private final List<Waiting> events = new ArrayList<>(1);
    private long bytes;

    /// @return whether it fitted below the limit
    boolean add(EntryKind kind, byte[] data, long limit) {
        bytes += data.length;
        if (bytes > limit) return false;
        events.add(new Waiting(kind, data));
        return true;
    }

    void moveTo(StreamLog log) {
        for (Waiting event : events) log.append(event.kind(), event.bytes(), 0, event.bytes().length);
        clear();
    }

    void clear() {
        events.clear();
        bytes = 0;
    }
}
