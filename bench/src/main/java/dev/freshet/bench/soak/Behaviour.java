package dev.freshet.bench.soak;

/// What a client of the soak does.
enum Behaviour {
    /// Asks for a stream and reads it.
    READS("whole streams"),
    /// Leaves in the middle, twice, and comes back with its cursor.
    RESUMES("readers that leave and come back"),
    /// Leaves in the middle for good.
    LEAVES("readers that leave"),
    /// Asks, and reads all of it as an EventSource does, by its id.
    EVENT_SOURCE("EventSource readers"),
    /// Asks for a whole answer.
    WHOLE("whole answers"),
    /// Asks twice at once with the same Idempotency-Key.
    TWICE("doubled requests with an Idempotency-Key"),
    /// Reads slowly, with little room.
    SLOW("slow clients"),
    /// Asks for an answer that breaks and is gone on with.
    CONTINUED("broken answers that are gone on with"),
    /// Asks for an answer that a guard stops, and that is asked for again.
    CORRECTED("answers that a guard corrects"),
    /// Asks a model that fails, in any of the simulator's ways.
    FAILING("failing models");

    private final String text;

    Behaviour(String text) {
        this.text = text;
    }

    String text() {
        return text;
    }
}
