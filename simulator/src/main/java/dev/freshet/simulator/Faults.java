package dev.freshet.simulator;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;

/// The faults of the failure model that a provider can have after its connection is made, each as a model.
/// Answers are made of the tokens "1 ", "2 ", …, so that a lost or repeated one shows. Stateless.
final class Faults {
    private static final int FEW = 5;
    private static final int POURED = 20_000;
    private static final int GIANT = 5 << 20;
    private static final Duration SOON = Duration.ofMillis(100);
    private static final Pattern WITH_NUMBER = Pattern.compile("(stall-after|giant-event|status)-(\\d{1,8})");
    private static final String EVENTS = "Content-Type: text/event-stream";
    private static final String CHUNKED = "Transfer-Encoding: chunked";

    private static final List<Fault> ALL = new ArrayList<>();
    private static final Map<String, Script> BY_NAME = new HashMap<>();

    static {
        before();
        waiting();
        refusing();
        otherForms();
        breaking();
        textual();
        afterwards();
        for (Fault fault : ALL) {
            BY_NAME.put(fault.name(), fault.script());
            BY_NAME.put(fault.alias(), fault.script());
        }
    }

    private Faults() {}

    /// All of them, by row.
    static List<Fault> all() {
        return List.copyOf(ALL);
    }

    /// The script of the fault of this name or alias.
    static Optional<Script> script(String name) {
        Script script = BY_NAME.get(name);
        return script != null ? Optional.of(script) : withNumber(name);
    }

    private static Optional<Script> withNumber(String name) {
        Matcher matcher = WITH_NUMBER.matcher(name);
        if (!matcher.matches()) return Optional.empty();
        int number = Integer.parseInt(matcher.group(2));
        return switch (matcher.group(1)) {
            case "stall-after" -> Optional.of(stall(number));
            case "giant-event" -> Optional.of(giant(number));
            default -> number >= 300 && number <= 599 ? Optional.of(status(number)) : Optional.empty();
        };
    }

    private static void add(int row, String variant, String alias, String what, Script script) {
        String name = "fault-" + row + (variant.isEmpty() ? "" : "-" + variant);
        ALL.add(new Fault(row, name, alias, what, script));
    }

    // ---- silence

    private static void before() {
        add(4, "", "silent", "accepts the request, then says nothing", Script.of(Steps.hang()));
        add(5, "", "head-then-silence", "the head, then silence", Script.of(Steps.head(), Steps.hang()));
    }

    private static void waiting() {
        add(6, "", "stall-after-5", "five tokens, then silence (`stall-after-N`: N)", stall(FEW));
        add(7, "", "vanish-after-5", "five tokens, then gone without a FIN", Script.of(begun(), Steps.vanish()));
        add(8, "", "comments-only", "the head, then comments for ever", comments(List.of(Steps.head())));
        add(8, "after-5", "comments-after-5", "five tokens, then comments for ever", comments(begun()));
    }

    private static Script stall(int tokens) {
        return _ -> Stream.concat(
                        Stream.of(Steps.head(), Steps.role()),
                        Stream.concat(tokens(1, tokens), Stream.of(Steps.hang())))
                .iterator();
    }

    private static Script comments(List<Step> first) {
        return Script.of(first, Steps.forEver(Steps.chunk(": still here\n\n"), Steps.pause(SOON)));
    }

    // ---- refusals

    private static void refusing() {
        String limited = error("Rate limit reached.", "rate_limit_error", "rate_limit_exceeded");
        add(9, "", "rate-limited", "429, Retry-After in seconds", refused(429, limited, "Retry-After: 1"));
        add(9, "date", "rate-limited-date", "429, Retry-After as a date", call -> {
            String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                    Instant.now().plusSeconds(2).atOffset(ZoneOffset.UTC));
            return refused(429, limited, "Retry-After: " + date).play(call);
        });
        add(9, "ms", "rate-limited-ms", "429, retry-after-ms", refused(429, limited, "retry-after-ms: 100"));
        add(9, "bare", "rate-limited-bare", "429 without Retry-After", refused(429, limited));
        add(
                9,
                "absurd",
                "rate-limited-absurd",
                "429, Retry-After: 999999999",
                refused(429, limited, "Retry-After: 999999999"));
        add(
                10,
                "",
                "error-first",
                "200, and the first event is an error",
                erring(List.of(Steps.head()), Steps.event(limited)));
        add(
                10,
                "object",
                "error-first-object",
                "the same as `{\"object\":\"error\"}`",
                erring(
                        List.of(Steps.head()),
                        Steps.event(
                                "{\"object\":\"error\",\"message\":\"The engine is overloaded.\",\"type\":\"overloaded_error\",\"code\":503}")));
        add(
                10,
                "event",
                "error-first-event",
                "the same as `event: error`",
                erring(
                        List.of(Steps.head()),
                        Steps.chunk("event: error\ndata: {\"message\":\"The engine failed.\"}\n\n")));
        add(
                11,
                "",
                "rate-limited-after-5",
                "five tokens, then a 429's error event",
                erring(begun(), Steps.event(limited)));
        add(
                11,
                "error",
                "error-after-5",
                "five tokens, then a server's error event",
                erring(begun(), Steps.event(error("The engine failed.", "server_error", "engine_failed"))));
        add(12, "", "status-500", "500 (`status-N`: N)", status(500));
        add(12, "overloaded", "status-529", "529", status(529));
        add(
                13,
                "",
                "redirect",
                "307 to another address",
                Script.of(Steps.head(307, "Location: /v1/elsewhere", "Content-Length: 0")));
    }

    private static Script status(int status) {
        return refused(status, error("The engine failed.", "server_error", "engine_failed"));
    }

    private static Script refused(int status, String body, String... headers) {
        return Script.of(Steps.json(status, body, headers));
    }

    private static Script erring(List<Step> first, Step error) {
        return Script.of(first, error, Steps.lastChunk());
    }

    private static String error(String message, String type, String code) {
        return "{\"error\":{\"message\":\"" + message + "\",\"type\":\"" + type + "\",\"param\":null,\"code\":\"" + code
                + "\"}}";
    }

    // ---- answers in another form

    private static void otherForms() {
        add(
                14,
                "",
                "early-hints",
                "100 and 103 before the head",
                Script.of(
                        List.of(
                                Steps.raw("HTTP/1.1 100 Continue\r\n\r\n"),
                                Steps.raw("HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n")),
                        good()));
        String whole = Chunks.SCRIPTED.whole(1, "1 2 3 4 5 ", "stop", 7, FEW);
        add(15, "", "json", "a whole answer, though a stream was asked for", Script.of(Steps.json(200, whole)));
        add(
                15,
                "html",
                "html",
                "a web page",
                Script.of(Steps.raw(
                        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 15\r\n\r\n<html>hi</html>")));
        add(
                16,
                "",
                "gzip",
                "gzip, though identity was asked for",
                coded("gzip", flushed(out -> new GZIPOutputStream(out, true))));
        add(16, "deflate", "deflate", "deflate", coded("deflate", flushed(out -> new DeflaterOutputStream(out, true))));
        add(16, "br", "brotli", "Brotli", coded("br", Brotli.pieces(events())));
        add(
                17,
                "",
                "long-head",
                "a head of 100 KB",
                Script.of(List.of(Steps.head(200, EVENTS, CHUNKED, "X-Long: " + "x".repeat(100_000))), goodBody()));
        add(
                17,
                "lengths",
                "two-lengths",
                "two Content-Lengths",
                Script.of(Steps.raw(
                        "HTTP/1.1 200 OK\r\n" + EVENTS + "\r\nContent-Length: 5\r\nContent-Length: 7\r\n\r\nhello")));
        add(
                17,
                "both",
                "length-and-chunks",
                "Content-Length beside chunks",
                Script.of(List.of(Steps.head(200, EVENTS, "Content-Length: 5", CHUNKED)), goodBody()));
    }

    private interface Coder {
        OutputStream over(OutputStream out) throws IOException;
    }

    /// The events as a provider flushes them: each can be read when it has come.
    private static List<byte[]> flushed(Coder coder) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        List<byte[]> pieces = new ArrayList<>();
        try (OutputStream coding = coder.over(out)) {
            for (String event : events()) {
                coding.write(event.getBytes(StandardCharsets.UTF_8));
                coding.flush();
                pieces.add(out.toByteArray());
                out.reset();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        pieces.add(out.toByteArray());
        return pieces;
    }

    private static Script coded(String coding, List<byte[]> pieces) {
        List<Step> steps = new ArrayList<>();
        steps.add(Steps.head(200, EVENTS, CHUNKED, "Content-Encoding: " + coding));
        for (byte[] piece : pieces) steps.add(Steps.chunk(piece));
        steps.add(Steps.lastChunk());
        return Script.of(steps);
    }

    // ---- ends

    private static void breaking() {
        Step half = Steps.chunk(token(6).substring(0, 60));
        add(
                18,
                "",
                "reset-in-event",
                "five tokens and half an event, then RST",
                Script.of(begun(), half, Steps.pause(SOON), Steps.reset()));
        add(
                19,
                "",
                "chunk-cut",
                "five tokens, then a chunk that is cut off by FIN",
                Script.of(begun(), Steps.raw("ff\r\n" + token(6).substring(0, 60)), Steps.close()));
        Step finish = Steps.finish("stop");
        add(20, "", "no-done", "five tokens, and the body ends", Script.of(begun(), Steps.lastChunk(), Steps.close()));
        add(
                20,
                "finished",
                "no-done-finished",
                "a finish_reason, and the body ends",
                Script.of(begun(), finish, Steps.lastChunk(), Steps.close()));
        add(21, "", "until-close", "no length, no chunks: five tokens, and FIN", Script.of(unframed(), Steps.close()));
        add(
                21,
                "finished",
                "until-close-finished",
                "the same, with a finish_reason",
                Script.of(unframed(), plain(Chunks.SCRIPTED.finish(0, "stop")), Steps.close()));
        add(22, "", "no-notice", "the same as 21, without TLS's notice", Script.of(unframed(), Steps.drop()));
        add(
                22,
                "finished",
                "no-notice-finished",
                "the same, with a finish_reason",
                Script.of(unframed(), plain(Chunks.SCRIPTED.finish(0, "stop")), Steps.drop()));
    }

    private static List<Step> unframed() {
        List<Step> steps = new ArrayList<>();
        steps.add(Steps.head(200, EVENTS, "Connection: close"));
        steps.add(plain(Chunks.SCRIPTED.role(0)));
        for (int i = 1; i <= FEW; i++) steps.add(plain(Chunks.SCRIPTED.text(0, i + " ")));
        return steps;
    }

    private static Step plain(String data) {
        return Steps.raw("data: " + data + "\n\n");
    }

    // ---- bytes

    private static void textual() {
        add(23, "", "split-bytes", "each byte alone", split(String.join("", events()), 1));
        String umlauts = event(Chunks.SCRIPTED.text(0, "na\u00efve \u20ac \ud83d\ude00 ")) + ends();
        add(24, "", "split-characters", "split inside of UTF-8 characters", split(umlauts, 1));
        byte[] bad = event(Chunks.SCRIPTED.text(0, "a??b")).getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < bad.length; i++) if (bad[i] == '?') bad[i] = (byte) 0xff;
        add(
                25,
                "",
                "bad-utf8",
                "bytes that are no UTF-8",
                Script.of(List.of(Steps.head()), Steps.chunk(bad), Steps.chunk(ends()), Steps.lastChunk()));
        String all = String.join("", events());
        add(26, "", "mixed-lines", "lines that end with CR, LF and CRLF", split(mixed(all), 7));
        add(26, "cr", "cr", "lines that end with CR", split(all.replace("\n", "\r"), 7));
        add(26, "crlf", "crlf", "lines that end with CRLF", split(all.replace("\n", "\r\n"), 7));
        add(27, "", "bom", "a byte order mark", split("\ufeff" + all, 4_096));
        add(27, "split", "bom-split", "a byte order mark, split", split("\ufeff" + all, 1));
        add(28, "", "giant-event", "an event of 5 MiB (`giant-event-N`: N bytes)", giant(GIANT));
        add(28, "fits", "giant-event-1000000", "an event of 1 MB", giant(1_000_000));
        add(29, "", "endless-line", "five tokens, then a line that never ends", endless());
        add(
                30,
                "",
                "bad-json",
                "an event that is no JSON between two tokens",
                Script.of(
                        List.of(
                                Steps.head(),
                                Steps.text("1 "),
                                Steps.event("{\"choices\":[{\"delta"),
                                Steps.text("2 ")),
                        end()));
    }

    /// Each pair of line ends is of one kind: a line's, and the empty line's behind it.
    private static String mixed(String text) {
        String[] kinds = {"\r\r", "\r\n\r\n", "\n\n"};
        StringBuilder mixed = new StringBuilder();
        int number = 0;
        for (String event : text.strip().split("\n\n", -1)) mixed.append(event).append(kinds[number++ % kinds.length]);
        return mixed.toString();
    }

    private static Script split(String text, int size) {
        return Script.of(List.of(Steps.head()), Steps.split(text, size), Steps.lastChunk());
    }

    private static Script giant(int size) {
        // Made for each request: it would be held for ever.
        return call -> Script.of(Steps.head(), Steps.text("1 "), Steps.text("x".repeat(size)), end())
                .play(call);
    }

    private static Script endless() {
        return Script.of(begun(), Steps.chunk("data: "), Steps.forEver(Steps.chunk("x".repeat(16 << 10))));
    }

    // ---- more than was asked for

    private static void afterwards() {
        add(31, "", "done-twice", "[DONE] twice", Script.of(finished(), Steps.done(), Steps.done(), Steps.lastChunk()));
        add(
                32,
                "",
                "after-done",
                "events after [DONE]",
                Script.of(finished(), Steps.done(), Steps.text("never "), Steps.lastChunk()));
        add(
                33,
                "",
                "extra-response",
                "another response, unasked, on the same connection",
                Script.of(good(), Steps.json(200, Chunks.SCRIPTED.whole(1, "another's answer", "stop", 1, 1))));
        add(
                34,
                "",
                "trailers",
                "trailers after the body",
                Script.of(finished(), Steps.done(), Steps.raw("0\r\nX-Checksum: 1\r\nX-More: 2\r\n\r\n")));
        add(
                35,
                "",
                "goaway-after-2",
                "two tokens, GOAWAY that covers them, and the rest (HTTP/2)",
                Script.of(
                        Steps.head(),
                        Steps.role(),
                        tokens(1, 2).toList(),
                        Steps.goAway(),
                        tokens(3, FEW).toList(),
                        end()));
        add(36, "", "refused-stream", "REFUSED_STREAM, every other time (HTTP/2)", everyOther(Steps.refuse()));
        add(
                36,
                "goaway",
                "goaway-before",
                "GOAWAY that leaves the request out, every other time (HTTP/2)",
                everyOther(Steps.refuseAll()));
        add(
                37,
                "",
                "reset-stream-after-5",
                "five tokens, then another RST_STREAM (HTTP/2)",
                Script.of(begun(), Steps.abort()));
        add(
                38,
                "",
                "pour",
                "20,000 tokens, as fast as they are taken",
                _ -> Stream.of(Stream.of(Steps.head(), Steps.role()), tokens(1, POURED), Step.complete(end()).stream())
                        .flatMap(steps -> steps)
                        .iterator());
    }

    // ---- what they are made of

    private static Script everyOther(Step refusal) {
        AtomicInteger calls = new AtomicInteger();
        return _ -> (calls.getAndIncrement() % 2 == 0 ? List.of(refusal) : Step.complete(good())).iterator();
    }

    private static Stream<Step> tokens(int from, int to) {
        return IntStream.rangeClosed(from, to).mapToObj(i -> Steps.text(i + " "));
    }

    /// The head, the role and five tokens.
    private static List<Step> begun() {
        return Stream.concat(Stream.of(Steps.head(), Steps.role()), tokens(1, FEW))
                .toList();
    }

    private static List<Step> finished() {
        return Stream.concat(begun().stream(), Stream.of(Steps.finish("stop"))).toList();
    }

    /// What ends an answer that keeps every rule.
    private static List<Step> end() {
        return List.of(Steps.finish("stop"), Steps.done(), Steps.lastChunk());
    }

    private static List<Step> good() {
        return Stream.concat(begun().stream(), end().stream()).toList();
    }

    private static List<Step> goodBody() {
        return good().subList(1, good().size());
    }

    /// The same answer as the texts of its events.
    private static List<String> events() {
        List<String> events = new ArrayList<>();
        events.add(event(Chunks.SCRIPTED.role(0)));
        for (int i = 1; i <= FEW; i++) events.add(token(i));
        events.add(ends());
        return events;
    }

    private static String token(int number) {
        return event(Chunks.SCRIPTED.text(0, number + " "));
    }

    private static String ends() {
        return event(Chunks.SCRIPTED.finish(0, "stop")) + event("[DONE]");
    }

    private static String event(String data) {
        return "data: " + data + "\n\n";
    }
}
