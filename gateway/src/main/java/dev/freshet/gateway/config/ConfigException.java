package dev.freshet.gateway.config;

/// A configuration that can not be used; the message says where, what was expected, and the cure.
public final class ConfigException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public ConfigException(String message) {
        super(message);
    }
}
