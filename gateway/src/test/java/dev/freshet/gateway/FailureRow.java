package dev.freshet.gateway;

import dev.freshet.simulator.Fault;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Step;
import dev.freshet.simulator.Steps;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// A row of the failure model that a provider causes, and what must become of it. Texts hold a byte in each
/// character.
///
/// @param model the simulator's, which plays it
/// @param another what is seen where another target is behind; the same where that changes nothing
/// @param attempts how often the provider is asked, where it is alone
record FailureRow(String model, Seen alone, Seen another, int attempts, Connection connection, String outcome) {
    /// Those that end the connection of HTTP/2, not only the answer's stream.
    private static final Set<String> END_HTTP_2 =
            Set.of("fault-7", "fault-17", "fault-18", "fault-19", "fault-22", "fault-22-finished", "fault-35");
    /// Those that HTTP/2 has no form for.
    private static final Set<String> NOT_IN_HTTP_2 =
            Set.of("fault-17-lengths", "fault-17-both", "fault-19", "fault-33");

    FailureRow(String model, Seen alone, Seen another, int attempts, Connection connection) {
        this(
                model,
                alone,
                another,
                attempts,
                connection,
                switch (alone) {
                    case Seen.Refused refused -> refused.code();
                    case Seen.Events events -> events.end().equals("[DONE]") ? "completed" : events.end();
                });
    }

    Fault fault() {
        return Simulator.faults().stream()
                .filter(fault -> fault.name().equals(model))
                .findFirst()
                .orElseThrow();
    }

    /// Whether the provider can do it to one that it speaks to in this way.
    boolean isIn(Front front) {
        boolean onlyThere = fault().row() >= 35 && fault().row() <= 37;
        return front == Front.HTTP_2 ? !NOT_IN_HTTP_2.contains(model) : !onlyThere;
    }

    /// What becomes of the connection, where it can.
    Connection connection(Front front) {
        if (front != Front.HTTP_2 || connection == Connection.LEFT) return connection;
        if (END_HTTP_2.contains(model)) return Connection.CLOSED;
        return connection == Connection.CANCELLED ? Connection.RESET : Connection.KEPT;
    }

    /// The same, for people.
    String words(Front front) {
        if (!isIn(front)) return "";
        return connection(front).words() + (attempts == 1 ? "" : ", asked " + attempts + " times");
    }

    @Override
    public String toString() {
        return "row %d: %s (%s)".formatted(fault().row(), fault().what(), fault().alias());
    }

    /// What a client sees.
    sealed interface Seen {
        /// No answer.
        record Refused(int status, String code) implements Seen {
            @Override
            public String toString() {
                return "%d `%s`".formatted(status, code);
            }
        }

        /// Events, and how they end: `[DONE]`, or an error's code.
        record Events(List<String> datas, String end) implements Seen {
            @Override
            public String toString() {
                String last = end.equals("[DONE]") ? "`[DONE]`" : "error `" + end + "`";
                return "200, %d events, %s".formatted(datas.size(), last);
            }
        }
    }

    /// What becomes of the connection to the provider.
    enum Connection {
        KEPT("connection kept"),
        CLOSED("connection closed"),
        CANCELLED("cancelled"),
        /// Over HTTP/2 only the stream is cancelled.
        RESET("cancelled, connection kept"),
        /// Closed, which a provider that has vanished does not see.
        LEFT("connection left");

        private final String words;

        Connection(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }
    }

    // ---- what the simulator's answers are made of

    private static String data(Step step) {
        String chunk = new String(((Step.Send) step).bytes(), StandardCharsets.ISO_8859_1);
        return chunk.substring(chunk.indexOf("data: ") + 6, chunk.indexOf("\n\n"));
    }

    private static List<String> datas(Step... steps) {
        return Stream.of(steps).map(FailureRow::data).toList();
    }

    private static List<String> tokens(int count) {
        return Stream.concat(
                        Stream.of(Steps.role()), IntStream.rangeClosed(1, count).mapToObj(i -> Steps.text(i + " ")))
                .map(FailureRow::data)
                .toList();
    }

    private static List<String> and(List<String> datas, Step... more) {
        return Stream.concat(datas.stream(), datas(more).stream()).toList();
    }

    private static final List<String> FIVE = tokens(5);
    private static final Seen GOOD = done(and(FIVE, Steps.finish("stop")));
    /// What the target behind answers.
    static final Seen SECOND = done(datas(Steps.text("second"), Steps.finish("stop")));

    /// The script of that target.
    static Script second() {
        return Script.of(Steps.head(), Steps.text("second"), Steps.finish("stop"), Steps.done(), Steps.lastChunk());
    }

    private static Seen done(List<String> datas) {
        return new Seen.Events(datas, "[DONE]");
    }

    private static Seen broken(List<String> datas, String code) {
        return new Seen.Events(datas, code);
    }

    private static FailureRow refused(String model, int status, String code, int attempts, Connection connection) {
        return new FailureRow(model, new Seen.Refused(status, code), SECOND, attempts, connection);
    }

    /// A row where nothing depends on another target, because tokens were delivered.
    private static FailureRow same(String model, Seen seen, Connection connection) {
        return new FailureRow(model, seen, seen, 1, connection);
    }

    static Stream<FailureRow> all() {
        Seen stalled = broken(FIVE, "upstream_stalled");
        Seen truncated = broken(FIVE, "upstream_truncated");
        Seen finished = GOOD;
        byte[] bad = data(Steps.text("a??b")).getBytes(StandardCharsets.ISO_8859_1);
        for (int i = 0; i < bad.length; i++) if (bad[i] == '?') bad[i] = (byte) 0xff;
        String big = data(Steps.text("x".repeat(1_000_000)));
        return Stream.of(
                refused("fault-4", 504, "upstream_timeout", 1, Connection.CANCELLED),
                refused("fault-5", 504, "upstream_timeout", 1, Connection.CANCELLED),
                same("fault-6", stalled, Connection.CANCELLED),
                same("fault-7", stalled, Connection.LEFT),
                refused("fault-8", 504, "upstream_timeout", 1, Connection.CANCELLED),
                same("fault-8-after-5", stalled, Connection.CANCELLED),
                refused("fault-9", 429, "upstream_rate_limited", 2, Connection.KEPT),
                refused("fault-9-date", 429, "upstream_rate_limited", 2, Connection.KEPT),
                refused("fault-9-ms", 429, "upstream_rate_limited", 2, Connection.KEPT),
                refused("fault-9-bare", 429, "upstream_rate_limited", 2, Connection.KEPT),
                refused("fault-9-absurd", 429, "upstream_rate_limited", 2, Connection.KEPT),
                refused("fault-10", 429, "upstream_rate_limited", 2, Connection.CLOSED),
                refused("fault-10-object", 503, "upstream_failed", 2, Connection.CLOSED),
                refused("fault-10-event", 502, "upstream_failed", 2, Connection.CLOSED),
                same("fault-11", broken(FIVE, "upstream_rate_limited"), Connection.CLOSED),
                same("fault-11-error", broken(FIVE, "upstream_failed"), Connection.CLOSED),
                refused("fault-12", 502, "upstream_failed", 2, Connection.KEPT),
                refused("fault-12-overloaded", 503, "upstream_failed", 2, Connection.KEPT),
                refused("fault-13", 502, "upstream_failed", 1, Connection.KEPT),
                same("fault-14", GOOD, Connection.KEPT),
                same("fault-15", done(List.of(WHOLE)), Connection.KEPT),
                refused("fault-15-html", 502, "upstream_broken", 1, Connection.CLOSED),
                same("fault-16", GOOD, Connection.KEPT),
                same("fault-16-deflate", GOOD, Connection.KEPT),
                same("fault-16-br", GOOD, Connection.KEPT),
                refused("fault-17", 502, "upstream_broken", 1, Connection.CLOSED),
                refused("fault-17-lengths", 502, "upstream_broken", 1, Connection.CLOSED),
                refused("fault-17-both", 502, "upstream_broken", 1, Connection.CLOSED),
                same("fault-18", truncated, Connection.CLOSED),
                same("fault-19", truncated, Connection.CLOSED),
                same("fault-20", truncated, Connection.CLOSED),
                same("fault-20-finished", finished, Connection.CLOSED),
                same("fault-21", truncated, Connection.CLOSED),
                same("fault-21-finished", finished, Connection.CLOSED),
                same("fault-22", truncated, Connection.CLOSED),
                same("fault-22-finished", finished, Connection.CLOSED),
                same("fault-23", GOOD, Connection.KEPT),
                same(
                        "fault-24",
                        done(datas(Steps.text("na\u00efve \u20ac \ud83d\ude00 "), Steps.finish("stop"))),
                        Connection.KEPT),
                same(
                        "fault-25",
                        done(List.of(new String(bad, StandardCharsets.ISO_8859_1), data(Steps.finish("stop")))),
                        Connection.KEPT),
                same("fault-26", GOOD, Connection.KEPT),
                same("fault-26-cr", GOOD, Connection.KEPT),
                same("fault-26-crlf", GOOD, Connection.KEPT),
                same("fault-27", GOOD, Connection.KEPT),
                same("fault-27-split", GOOD, Connection.KEPT),
                same("fault-28", broken(datas(Steps.text("1 ")), "upstream_broken"), Connection.CLOSED),
                same(
                        "fault-28-fits",
                        done(List.of(data(Steps.text("1 ")), big, data(Steps.finish("stop")))),
                        Connection.KEPT),
                same("fault-29", broken(FIVE, "upstream_broken"), Connection.CANCELLED),
                same(
                        "fault-30",
                        done(List.of(
                                data(Steps.text("1 ")),
                                "{\"choices\":[{\"delta",
                                data(Steps.text("2 ")),
                                data(Steps.finish("stop")))),
                        Connection.KEPT),
                same("fault-31", GOOD, Connection.CLOSED),
                same("fault-32", GOOD, Connection.CLOSED),
                same("fault-33", GOOD, Connection.CLOSED),
                same("fault-34", GOOD, Connection.KEPT),
                same("fault-35", GOOD, Connection.CLOSED),
                new FailureRow("fault-36", GOOD, GOOD, 2, Connection.KEPT),
                new FailureRow("fault-36-goaway", GOOD, GOOD, 2, Connection.KEPT),
                same("fault-37", truncated, Connection.KEPT));
    }

    /// The simulator's whole answer as one event, without the usage that the client did not ask for.
    private static final String WHOLE = "{\"id\":\"chatcmpl-simulated\",\"object\":\"chat.completion.chunk\","
            + "\"created\":1760000000,\"model\":\"scripted\",\"system_fingerprint\":\"fp_simulated\",\"choices\":[{\"index\":0,"
            + "\"delta\":{\"role\":\"assistant\",\"content\":\"1 2 3 4 5 \",\"refusal\":null},\"logprobs\":null,"
            + "\"finish_reason\":\"stop\"}]}";
}
