package dev.freshet.gateway.stream;

import dev.freshet.gateway.model.Owner;

/// What became of looking for a stream.
public sealed interface Lookup {
    /// It is here.
    record Present(StreamLog log) implements Lookup {}

    /// It was here, and has been forgotten.
    record Expired(Owner owner) implements Lookup {}

    /// There is no such stream.
    record Unknown() implements Lookup {}
}
