package dev.freshet.simulator;

/// A file of scripts that can not be used; the message says where, and what was expected.
public final class ScriptException extends RuntimeException {
    private static final long serialVersionUID = 1;

    ScriptException(String message) {
        super(message);
    }
}
