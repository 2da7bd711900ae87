package dev.freshet.simulator;

/// A file of scripts that can not be used; the message says where, and what was expected.
public final class ScriptException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// @param message shown in one line, whatever it quotes of the file
    ScriptException(String message) {
        super(message.replaceAll("[\\p{Cntrl}\\x85\\x{2028}\\x{2029}]+", " "));
    }
}
