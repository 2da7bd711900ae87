package dev.freshet.gateway.http;

/// What connections are told when the gateway is about to stop: finish what is under way, and end.
enum Drain {
    NOW
}
