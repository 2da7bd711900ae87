package dev.freshet.client;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executor;

/// What all calls of a client share. Thread-safe.
final class Session {
    final HttpClient http;
    final Executor executor;
    final Failures failures;
    final Random random;

    private final String base;
    private final String key;
    private final Map<String, String> headers;
    private volatile boolean freshet; // an answer was a Freshet gateway's

    Session(HttpClient http, Executor executor, String base, String key, Map<String, String> headers) {
        this.http = http;
        this.executor = executor;
        this.base = base;
        this.key = key;
        this.headers = headers;
        failures = new Failures(base, key);
        random = new Random();
    }

    boolean freshet() {
        return freshet;
    }

    void isFreshet() {
        freshet = true;
    }

    HttpRequest chat(ChatRequest request, ChatOptions options, String idempotencyKey) {
        HttpRequest.Builder builder = to("/chat/completions")
                .setHeader("Content-Type", "application/json")
                .setHeader("Accept", "text/event-stream")
                .setHeader("Accept-Encoding", "identity")
                .setHeader("Idempotency-Key", idempotencyKey);
        if (options.resume) {
            builder.setHeader("Freshet-Ids", "1");
            builder.setHeader("Freshet-Grace", options.grace.toMillis() + "ms");
        }
        options.headers.forEach(builder::setHeader);
        return builder.POST(BodyPublishers.ofByteArray(request.body())).build();
    }

    /// The stream behind an event.
    HttpRequest events(String streamId, String cursor) {
        HttpRequest.Builder builder = to("/streams/" + streamId + "/events")
                .setHeader("Accept", "text/event-stream")
                .setHeader("Accept-Encoding", "identity");
        if (!cursor.isEmpty()) builder.setHeader("Last-Event-ID", cursor);
        return builder.GET().build();
    }

    HttpRequest stop(String streamId) {
        return to("/streams/" + streamId).DELETE().build();
    }

    HttpRequest state(String streamId) {
        return to("/streams/" + streamId).GET().build();
    }

    HttpRequest models() {
        return to("/models").GET().build();
    }

    /// Without TLS in HTTP/1.1: the JDK would ask for an upgrade to HTTP/2 with the first request, which
    /// servers are known to take for something else, or to lose the body over.
    private HttpRequest.Builder to(String path) {
        URI uri = URI.create(base + path);
        HttpRequest.Builder builder = HttpRequest.newBuilder(uri);
        if ("http".equals(uri.getScheme())) builder.version(HttpClient.Version.HTTP_1_1);
        if (!key.isEmpty()) builder.setHeader("Authorization", "Bearer " + key);
        headers.forEach(builder::setHeader);
        return builder;
    }
}
