package dev.freshet.simulator;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/// Gates by name: closed until they are opened, then open for good. Thread-safe.
final class Gates {
    private final Map<String, CompletableFuture<Void>> gates = new ConcurrentHashMap<>();

    CompletableFuture<Void> gate(String name) {
        return gates.computeIfAbsent(name, _ -> new CompletableFuture<>());
    }

    void open(String name) {
        gate(name).complete(null);
    }
}
