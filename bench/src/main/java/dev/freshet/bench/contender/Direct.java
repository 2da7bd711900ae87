package dev.freshet.bench.contender;

import java.util.OptionalLong;

/// No proxy: the clients ask the provider itself. What this takes is the load's own part.
public record Direct(int port) implements Contender {
    @Override
    public String name() {
        return "direct";
    }

    @Override
    public double readyMillis() {
        return Double.NaN;
    }

    @Override
    public OptionalLong cpuNanos() {
        return OptionalLong.empty();
    }

    @Override
    public Footprint footprint() {
        return new Footprint(0, 0);
    }

    @Override
    public void close() {}
}
