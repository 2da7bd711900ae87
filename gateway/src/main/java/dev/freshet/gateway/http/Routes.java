package dev.freshet.gateway.http;

import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.FailureCode;
import io.netty.handler.codec.http.HttpMethod;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Which route serves which path and method. Immutable once built.
final class Routes {
    private static final String STREAMS = "/v1/streams/";

    private final Map<String, Map<HttpMethod, Route>> paths = new LinkedHashMap<>();

    /// @param path below `/v1/streams/` its first part is `*`, which stands for a stream's id
    Routes add(HttpMethod method, String path, Route route) {
        paths.computeIfAbsent(path, _ -> new LinkedHashMap<>()).put(method, route);
        return this;
    }

    /// The route for a request; a HEAD is served as a GET whose body the codec leaves out.
    ///
    /// @return null where there is none
    @Nullable
    Route find(Request request) {
        HttpMethod method = request.method().equals(HttpMethod.HEAD) ? HttpMethod.GET : request.method();
        Map<HttpMethod, Route> methods = methods(request.path());
        return methods == null ? null : methods.get(method);
    }

    private @Nullable Map<HttpMethod, Route> methods(String path) {
        Map<HttpMethod, Route> exact = paths.get(path);
        if (exact != null || !path.startsWith(STREAMS)) return exact;
        String[] parts = path.substring(STREAMS.length()).split("/", -1);
        if (parts[0].isEmpty()) return null;
        parts[0] = "*";
        return paths.get(STREAMS + String.join("/", parts));
    }

    /// All of them, each as its method, its path and who may ask for it.
    List<String> table() {
        return paths.entrySet().stream()
                .flatMap(path -> path.getValue().entrySet().stream()
                        .map(route -> route.getKey().name() + " " + path.getKey() + " "
                                + route.getValue().role()))
                .sorted()
                .toList();
    }

    /// The methods of a path, for `Allow`; empty where there is no such path. Of `*`, all that there are (RFC 9110,
    /// 9.3.7).
    String allowed(String path) {
        Map<HttpMethod, Route> found = methods(path);
        Stream<HttpMethod> methods = path.equals("*")
                ? paths.values().stream().flatMap(one -> one.keySet().stream()).distinct()
                : found == null ? Stream.of() : found.keySet().stream();
        return String.join(", ", methods.map(HttpMethod::name).toList());
    }

    /// Why there is no route.
    Failure missing(Request request) {
        String allowed = allowed(request.path());
        if (allowed.isEmpty()) {
            return Failure.of(
                    FailureCode.NOT_FOUND,
                    "There is nothing at this path; chat is at POST /v1/chat/completions, the models at GET /v1/models.");
        }
        return Failure.of(
                FailureCode.METHOD_NOT_ALLOWED,
                "This path does not take " + request.method() + "; use " + allowed + ".");
    }
}
