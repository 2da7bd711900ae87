package dev.freshet.client;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Asks a server for the names of its models.
final class ModelList {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Session session;

    ModelList(Session session) {
        this.session = session;
    }

    List<String> read() {
        var sent = session.http.sendAsync(session.models(), HttpResponse.BodyHandlers.ofByteArray());
        try {
            HttpResponse<byte[]> response = sent.get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            if (response.statusCode() != 200)
                throw session.failures.refused(response.statusCode(), response.headers(), response.body());
            return names(Json.object(new String(response.body(), StandardCharsets.UTF_8)));
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw session.failures.broken(cause, false, ChatException.Facts.NONE);
        } catch (TimeoutException e) {
            sent.cancel(true);
            throw new TimeLimitException(TimeLimitException.Limit.TOTAL, LIMIT, ChatException.Facts.NONE);
        } catch (InterruptedException e) {
            sent.cancel(true);
            Thread.currentThread().interrupt();
            throw new java.util.concurrent.CancellationException("interrupted");
        }
    }

    private List<String> names(@Nullable Map<String, @Nullable Object> body) {
        if (body == null || !(body.get("data") instanceof List<?> models))
            throw session.failures.nonsense("the server's list of models is none", ChatException.Facts.NONE);
        return models.stream()
                .map(model -> model instanceof Map<?, ?> one ? one.get("id") : null)
                .filter(String.class::isInstance)
                .map(String.class::cast)
                .toList();
    }
}
