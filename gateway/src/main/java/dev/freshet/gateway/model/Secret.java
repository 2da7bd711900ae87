package dev.freshet.gateway.model;

/// A value that must not be written anywhere by accident: a provider's key.
///
/// @param value the secret itself
public record Secret(String value) {
    @Override
    public String toString() {
        return "Secret[redacted]";
    }
}
