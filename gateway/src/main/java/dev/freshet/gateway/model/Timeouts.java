package dev.freshet.gateway.model;

import java.time.Duration;

/// How long each phase of an attempt may take. All run on monotonic time, and all but `connect` and `total`
/// watch content, not bytes.
///
/// @param connect until the connection (with TLS) stands
/// @param firstToken from the request's last byte to the first content
/// @param idle between two pieces of content
/// @param total for the whole exchange, all attempts together
public record Timeouts(Duration connect, Duration firstToken, Duration idle, Duration total) {
    public static final Timeouts DEFAULT =
            new Timeouts(Duration.ofSeconds(3), Duration.ofMinutes(5), Duration.ofSeconds(30), Duration.ofMinutes(15));

    /// The limit on the first token where another target could follow: nobody waits five minutes for the second
    /// best.
    public static final Duration FIRST_TOKEN_WITH_ALTERNATIVE = Duration.ofSeconds(60);

    public Timeouts withFirstToken(Duration limit) {
        return new Timeouts(connect, limit, idle, total);
    }
}
