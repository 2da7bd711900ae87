package dev.freshet.gateway.model;

import org.jspecify.annotations.Nullable;

/// An HTTP proxy that leads to providers.
///
/// @param login `user:password`; null where it asks for none
public record HttpProxy(String host, int port, @Nullable Secret login) {}
