package dev.freshet.sse;

/// One server-sent event, as the WHATWG rules dispatch it.
///
/// @param type the event's type; `message` where the stream named none
/// @param data the `data` lines, joined by line feeds, without a last one
/// @param lastEventId the last id the stream has given so far; empty where none
public record SseEvent(String type, String data, String lastEventId) {}
