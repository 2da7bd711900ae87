package dev.freshet.sse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// One case of `conformance/sse`; the README there tells the format.
@SuppressWarnings("ArrayRecordComponent") // nobody writes to it, and cases are not compared
record ConformanceCase(String name, byte[] bytes, int maxLineBytes, int maxEventBytes, Recording expected) {
    private static final Path FOLDER = Path.of(System.getProperty("basedir", "."), "..", "conformance", "sse");
    private static final ObjectMapper JSON = new ObjectMapper();

    static Stream<ConformanceCase> all() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files
                    .map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".sse"))
                    .map(name -> read(name.substring(0, name.length() - ".sse".length())))
                    .sorted((a, b) -> a.name.compareTo(b.name))
                    .toList()
                    .stream();
        }
    }

    Recording decoded(int... cuts) {
        return Recording.of(bytes, maxLineBytes, maxEventBytes, cuts);
    }

    @Override
    public String toString() {
        return name;
    }

    private static ConformanceCase read(String name) {
        try {
            JsonNode json = JSON.readTree(Files.readAllBytes(FOLDER.resolve(name + ".json")));
            return new ConformanceCase(
                    name,
                    Files.readAllBytes(FOLDER.resolve(name + ".sse")),
                    json.path("limits").path("lineBytes").asInt(65536),
                    json.path("limits").path("eventBytes").asInt(65536),
                    expected(json));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Recording expected(JsonNode json) {
        List<SseEvent> events = new ArrayList<>();
        for (JsonNode event : json.required("events")) {
            events.add(new SseEvent(text(event, "type"), text(event, "data"), text(event, "lastEventId")));
        }
        List<Long> retries = new ArrayList<>();
        json.required("retries").forEach(retry -> retries.add(retry.longValue()));
        return new Recording(
                events,
                json.required("comments").intValue(),
                retries,
                text(json, "lastEventId"),
                json.path("unfinished").asBoolean(false),
                json.has("error")
                        ? SseLimitException.Limit.valueOf(text(json, "error").toUpperCase(Locale.ROOT))
                        : null);
    }

    private static String text(JsonNode node, String member) {
        return node.required(member).stringValue();
    }
}
