package dev.freshet.gateway.config;

import dev.freshet.gateway.model.Model;
import dev.freshet.gateway.model.Provider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// A whole configuration, validated. Immutable: a changed file gives a new one.
///
/// @param providers by name, in the order in which a bare model name is looked for
/// @param models by name
/// @param demoAnswersAll whether the simulated model answers under any name, because no provider is configured
/// @param warnings what the file asks for and this version does not do, where going on does no harm
public record Config(
        Listen listen,
        Path data,
        Access access,
        Map<String, Provider> providers,
        Map<String, Model> models,
        Streams streams,
        Limits limits,
        boolean demoAnswersAll,
        List<String> warnings) {

    /// @param names Host names besides loopback ones under which the gateway may be asked where it asks for no
    /// key
    /// @param cors origins of pages that may use the gateway
    public record Listen(String host, int port, List<String> names, List<String> cors) {
        public static final Listen DEFAULT = new Listen("127.0.0.1", 8080, List.of(), List.of());

        public boolean loopback() {
            return host.equals("localhost") || host.equals("::1") || host.equals("[::1]") || host.startsWith("127.");
        }
    }

    /// Who may ask.
    public enum Access {
        /// Anyone, by name.
        OPEN,
        /// Nothing was said: anyone, on loopback only.
        UNSAID
    }

    /// @param maxSize of one stream's log, in bytes
    /// @param maxEvent of one event from upstream, in bytes
    /// @param headAfter when the response's head leaves although there is no content yet
    public record Streams(long maxSize, int maxEvent, Duration headAfter) {
        public static final Streams DEFAULT = new Streams(8 << 20, 4 << 20, Duration.ofSeconds(10));
    }

    /// @param body of a request, in bytes
    /// @param header all of a request's head, in bytes
    /// @param headTimeout until a request's head has come
    /// @param bodyTimeout until its body has
    /// @param streams how many may run at once
    public record Limits(
            int body, int header, Duration headTimeout, Duration bodyTimeout, Duration drain, int streams) {
        public static final Limits DEFAULT = new Limits(
                20 << 20, 32 << 10, Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(30), 20_000);
    }

    /// The same, listening elsewhere.
    ///
    /// @throws ConfigException where that would expose a gateway that asks for no key and is not open by name
    public Config withListen(Listen other) {
        Config changed = new Config(other, data, access, providers, models, streams, limits, demoAnswersAll, warnings);
        if (access == Access.UNSAID && !other.loopback()) {
            throw new ConfigException(
                    "listening on " + other.host() + " would let anyone on the network spend; keys are not in"
                            + " this version: listen on 127.0.0.1, or write `access: open` into a file to allow it by name");
        }
        return changed;
    }

    /// Whether a web page of another's could spend through this gateway if nothing were checked: it asks for no
    /// key, and browsers on this machine reach it.
    public boolean guardsAgainstPages() {
        return listen.loopback();
    }
}
