package dev.freshet.gateway.exchange;

import dev.freshet.gateway.dialect.openai.ChatRequest;
import dev.freshet.gateway.net.Loop;
import dev.freshet.gateway.route.ModelRouter;
import dev.freshet.gateway.telemetry.Telemetry;
import dev.freshet.gateway.upstream.UpstreamClient;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Begins exchanges on one event loop. Owned by that loop.
public final class Exchanges {
    private final Loop loop;
    private final UpstreamClient upstream;
    private final Telemetry telemetry;
    private final Supplier<Settings> settings;

    /// @param settings the newest ones; an exchange keeps those that it began with
    public Exchanges(Loop loop, UpstreamClient upstream, Telemetry telemetry, Supplier<Settings> settings) {
        this.loop = loop;
        this.upstream = upstream;
        this.telemetry = telemetry;
        this.settings = settings;
    }

    /// What the configuration says of exchanges. Immutable.
    ///
    /// @param running how many may be under way at once, in the whole gateway
    /// @param maxSize of a stream's log, in bytes
    /// @param maxEvent of one event from upstream, in bytes
    /// @param headAfter when the head leaves although there is no content yet
    public record Settings(ModelRouter models, int running, long maxSize, int maxEvent, Duration headAfter) {}

    /// Begins an exchange.
    ///
    /// @param callerKey the client's own Bearer, for providers that are asked with it
    /// @param downstream may be told that it is refused before this returns
    public Exchange begin(ChatRequest request, @Nullable String callerKey, Downstream downstream) {
        Exchange exchange = new Exchange(this, settings.get(), request, callerKey, downstream);
        exchange.begin();
        return exchange;
    }

    /// The names of the models that can be asked for.
    public List<String> models() {
        return settings.get().models().names();
    }

    Loop loop() {
        return loop;
    }

    UpstreamClient upstream() {
        return upstream;
    }

    Telemetry telemetry() {
        return telemetry;
    }
}
