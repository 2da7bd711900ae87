package dev.freshet.gateway.guard;

import dev.freshet.gateway.model.Channel;
import org.jspecify.annotations.Nullable;

/// A rule is broken. Immutable.
///
/// @param rule its id
/// @param text of the answer's texts, the one that broke it; null where it is none of them
/// @param match where, and why
/// @param words what the text says there, shortened; empty where nothing does
public record Stop(
        Guard guard, String rule, Kind kind, @Nullable Text text, Match match, String words) {
    /// What a rule is about.
    public enum Kind {
        /// What the answer says.
        TEXT,
        /// What it takes: asking again would take more.
        PURSE,
        /// How fast it comes.
        PACE
    }

    /// The channel of the text that broke it.
    public Channel channel() {
        return text == null ? Channel.VISIBLE : text.channel();
    }
}
