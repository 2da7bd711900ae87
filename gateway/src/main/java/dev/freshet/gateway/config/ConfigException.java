package dev.freshet.gateway.config;

/// A configuration that can not be used; the message says where, what was expected, and the cure.
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /// @param message shown in one line, whatever it quotes of the file
    public ConfigException(String message) {
        super(message.replaceAll("[\\p{Cntrl}\\x85\\x{2028}\\x{2029}]+", " "));
    }
}
