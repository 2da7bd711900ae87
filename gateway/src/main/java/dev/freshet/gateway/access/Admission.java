package dev.freshet.gateway.access;

import dev.freshet.gateway.model.Failure;

/// Whether a request may come in.
public sealed interface Admission {
    record Admitted(Caller caller) implements Admission {}

    record Refused(Failure failure) implements Admission {}
}
