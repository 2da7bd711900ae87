package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.config.ConfigFile;
import dev.freshet.gateway.config.Environment;
import dev.freshet.simulator.Exchange;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// What clients see of an answer, and what the provider sees of them.
class StreamingWireTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String CONFIG = """
            listen: {port: 0}
            providers:
              up: {base_url: "UPSTREAM", api_key: sk-operator, headers: {X-Org: acme}, usage: never}
              relay: {base_url: "UPSTREAM", api_key: caller}
              nowhere: {base_url: "http://127.0.0.1:9/v1"}
            models:
              renamed: {targets: [{provider: up, model: tokens-2}]}
              callers: {targets: [{provider: relay, model: tokens-2}]}
              second-best: {targets: [{provider: nowhere}, {provider: up, model: tokens-2}]}
              after-an-error: {targets: [{provider: up, model: fails-first}, {provider: up, model: tokens-2}], retry: {attempts: 1}}
              quick-head: {targets: [{provider: up, model: slow}]}
              impatient: {targets: [{provider: up, model: silent-later}], timeouts: {first_token: 300ms, idle: 300ms}}
              mute-provider: {targets: [{provider: up, model: never}], timeouts: {first_token: 100ms}}
              hurried: {targets: [{provider: up, model: slow}], timeouts: {total: 400ms}}
              "*": {targets: [{provider: up}], retry: {attempts: 1}}
            streams: {head_after: 300ms, max_size: 200KiB}
            """;

    private static Simulator simulator;
    private static Gateway gateway;

    @BeforeAll
    static void start() throws IOException {
        simulator = Simulator.builder().recording(true).start();
        String yaml = CONFIG.replace("UPSTREAM", simulator.baseUri().toString());
        gateway = Gateway.start(ConfigFile.parse(yaml, "freshet.yaml", new Environment(Map.of())), null);
    }

    @AfterAll
    static void stop() {
        gateway.close();
        simulator.close();
    }

    private static String body(String model, boolean stream) {
        return "{\"model\":\"" + model + "\",\"stream\":" + stream
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}";
    }

    private static Wire asked(String model) throws IOException {
        return new Wire(gateway.address()).post(body(model, true));
    }

    /// The whole response of a stream, and the body that its chunks make.
    private static String streamed(String model) throws IOException {
        try (Wire wire = asked(model)) {
            return wire.readUntil("\r\n0\r\n\r\n");
        }
    }

    private static String events(String response) {
        String body = response.substring(response.indexOf("\r\n\r\n") + 4);
        StringBuilder events = new StringBuilder();
        for (int at = 0; ; ) {
            int end = body.indexOf("\r\n", at);
            // Sizes count bytes; these tests send ASCII only.
            int size = Integer.parseInt(body.substring(at, end), 16);
            if (size == 0) return events.toString();
            events.append(body, end + 2, end + 2 + size);
            at = end + 2 + size + 2;
        }
    }

    private static void script(String model, Object... steps) {
        simulator.script(model, Script.of(steps));
    }

    private static Exchange lastExchange() {
        return simulator.exchanges().getLast();
    }

    @Test
    void theHeadIsThatOfAnEventStreamWhichNobodyBuffers() throws IOException {
        String head = streamed("renamed").replaceFirst("(?s)\r\n\r\n.*", "\r\n");
        assertThat(head).startsWith("HTTP/1.1 200 OK\r\n");
        assertThat(head.toLowerCase(Locale.ROOT))
                .contains("\r\ncontent-type: text/event-stream\r\n")
                .contains("\r\ncache-control: no-cache, no-transform\r\n")
                .contains("\r\nx-accel-buffering: no\r\n")
                .contains("\r\ntransfer-encoding: chunked\r\n")
                .contains("\r\nfreshet-model: renamed\r\n")
                .contains("\r\nfreshet-provider: up\r\n")
                .contains("\r\nfreshet-attempts: 1\r\n")
                .contains("\r\nfreshet-stream: ")
                .contains("\r\nx-request-id: ")
                .doesNotContain("content-length", "content-encoding");
    }

    @Test
    void eventsPassVerbatimWithEveryUnknownField() throws IOException {
        List<String> odd = List.of(
                "{\"choices\": [{\"index\":0,\"delta\":{\"content\":\"a\"}, \"x\": 1}] , \"new_field\":{\"y\":[1]}}",
                "{ \"choices\":[{\"delta\":{\"content\":\"\\u00e9 \\\"[DONE]\\\"\"}}]}",
                "[]",
                "not json",
                "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}");
        List<Object> steps = new ArrayList<>(List.of(Steps.head()));
        odd.forEach(data -> steps.add(Steps.event(data)));
        steps.addAll(List.of(Steps.done(), Steps.lastChunk()));
        script("verbatim", steps.toArray());
        String expected =
                odd.stream().map(data -> "data: " + data + "\n\n").collect(Collectors.joining()) + "data: [DONE]\n\n";
        assertThat(events(streamed("verbatim"))).isEqualTo(expected);
    }

    @Test
    void dataOfSeveralLinesStaysOneEvent() throws IOException {
        script(
                "lines",
                Steps.head(),
                Steps.text("a"),
                Steps.chunk("data: {\"choices\":\ndata: []}\n\n"),
                Steps.done(),
                Steps.lastChunk());
        assertThat(events(streamed("lines"))).contains("data: {\"choices\":\ndata: []}\n\ndata: [DONE]");
    }

    @Test
    void commentsAndOtherFieldsOfTheProviderStayBehind() throws IOException {
        script(
                "chatty",
                Steps.head(),
                Steps.chunk(": OPENROUTER PROCESSING\n\nretry: 3000\n\nid: 7\nevent: message\n"),
                Steps.text("a"),
                Steps.done(),
                Steps.lastChunk());
        assertThat(events(streamed("chatty"))).isEqualTo(events(streamedText("plain-a", "a")));
    }

    private static String streamedText(String model, String text) throws IOException {
        script(model, Steps.head(), Steps.text(text), Steps.done(), Steps.lastChunk());
        return streamed(model);
    }

    @Test
    void eachTokenLeavesWhenItCame() throws IOException {
        script(
                "gated",
                Steps.head(),
                Steps.text("one"),
                Steps.gate("two"),
                Steps.text("two"),
                Steps.gate("three"),
                Steps.text("three"),
                Steps.done(),
                Steps.lastChunk());
        try (Wire wire = asked("gated")) {
            assertThat(wire.readUntil("\n\n\r\n")).contains("\"content\":\"one\"");
            simulator.open("two");
            assertThat(wire.readUntil("\n\n\r\n")).contains("\"content\":\"two\"");
            simulator.open("three");
            assertThat(wire.readUntil("0\r\n\r\n")).contains("\"content\":\"three\"", "[DONE]");
        }
    }

    @Test
    void theOutputIsTheSameHoweverTheProvidersBytesAreSplit() throws IOException {
        String events = "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"n\u00e9 \u4f60\u597d\"}}]}\r\n\r\n"
                + "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
        for (int size : List.of(1, 2, 3, 7, 1000)) {
            script("split-" + size, Steps.head(), Steps.split(events, size), Steps.lastChunk());
            try (Wire wire = new Wire(gateway.address())) {
                wire.send(
                        "POST /v1/chat/completions HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
                                + body("split-" + size, true).length() + "\r\n\r\n" + body("split-" + size, true));
                String body = wire.readAll();
                assertThat(body.substring(body.indexOf("\r\n\r\n") + 4)).isEqualTo(events.replace("\r\n\r\n", "\n\n"));
            }
        }
    }

    @Test
    void anHttp10ClientGetsABodyThatEndsWithTheConnection() throws IOException {
        try (Wire wire = new Wire(gateway.address())) {
            wire.send(
                    "POST /v1/chat/completions HTTP/1.0\r\nContent-Type: application/json\r\nHost: localhost\r\nContent-Length: "
                            + body("renamed", true).length() + "\r\n\r\n" + body("renamed", true));
            String response = wire.readAll();
            assertThat(response).doesNotContainIgnoringCase("transfer-encoding").endsWith("data: [DONE]\n\n");
        }
    }

    @Test
    void theConnectionServesOneRequestAfterAnotherOnBothSides() throws IOException {
        try (Wire wire = new Wire(gateway.address())) {
            for (int i = 0; i < 3; i++) {
                assertThat(wire.post(body("tokens-3", true)).readUntil("0\r\n\r\n"))
                        .contains("[DONE]");
                assertThat(wire.post(body("tokens-3", false)).readResponse()).contains("\"content\":\"1 2 3 \"");
            }
        }
        List<Exchange> last = simulator.exchanges();
        assertThat(last.subList(last.size() - 6, last.size()).stream()
                        .map(Exchange::connection)
                        .distinct())
                .hasSize(1);
    }

    @Test
    void aPipelinedRequestWaitsForItsTurn() throws IOException {
        try (Wire wire = new Wire(gateway.address())) {
            wire.post(body("tokens-3", true))
                    .post(body("tokens-2", false))
                    .send("GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertThat(wire.readUntil("0\r\n\r\n")).contains("\"3 \"", "[DONE]");
            assertThat(wire.readResponse()).contains("\"content\":\"1 2 \"");
            assertThat(wire.readResponse()).contains("{\"status\":\"ok\"}");
        }
    }

    @Test
    void theProviderGetsItsKeyAndHeadersAndNothingOfTheClients() throws IOException {
        try (Wire wire = new Wire(gateway.address())) {
            wire.post(body("renamed", true), "Authorization: Bearer sk-client", "Cookie: a=b", "X-Client: y")
                    .readUntil("0\r\n\r\n");
        }
        Map<String, String> headers = lastExchange().headers();
        assertThat(headers).containsEntry("authorization", "Bearer sk-operator").containsEntry("x-org", "acme");
        assertThat(headers)
                .containsEntry("accept-encoding", "identity")
                .containsEntry("content-type", "application/json");
        assertThat(headers.toString()).doesNotContain("sk-client", "a=b", "x-client");
        assertThat(lastExchange().body())
                .isEqualTo(body("tokens-2", true).replace("\"messages\":[{", "\"messages\":[{"));
    }

    @Test
    void aProviderThatIsAskedWithTheCallersKeyGetsThat() throws IOException {
        try (Wire wire = new Wire(gateway.address())) {
            wire.post(body("callers", true), "Authorization: Bearer sk-client").readUntil("0\r\n\r\n");
        }
        assertThat(lastExchange().headers()).containsEntry("authorization", "Bearer sk-client");
    }

    @Test
    void aRequestThatNeedsNoChangeReachesTheProviderAsItCame() throws IOException {
        String odd = " { \"messages\":[ ] ,\"model\": \"tokens-1\", \"stream\":true,\"unknown\":{\"a\":[1.50,null]}} ";
        try (Wire wire = new Wire(gateway.address())) {
            wire.post(odd).readUntil("0\r\n\r\n");
        }
        assertThat(lastExchange().body()).isEqualTo(odd);
    }

    @Test
    void aWholeAnswerPassesVerbatim() throws IOException {
        String odd = "{ \"choices\" : [ ], \"unknown\": 1.50 }";
        script("whole", Steps.json(200, odd));
        try (Wire wire = new Wire(gateway.address())) {
            assertThat(wire.post(body("whole", false)).readResponse())
                    .startsWith("HTTP/1.1 200 OK\r\n")
                    .contains("content-type: application/json\r\n", "Freshet-Stream: ")
                    .endsWith("\r\n\r\n" + odd);
        }
    }

    @Test
    void aReaderThatClosesStopsTheProviderAtOnce() throws Exception {
        script("endless", Steps.head(), Steps.text("a"), Steps.hang());
        try (Wire wire = asked("endless")) {
            wire.readUntil("\n\n\r\n");
        }
        long left = System.nanoTime();
        Exchange exchange = lastExchange();
        exchange.await(Exchange.State.CANCELLED, LIMIT);
        assertThat(Duration.ofNanos(exchange.endedNanos() - left)).isLessThan(Duration.ofSeconds(2));
    }

    @Test
    void aReaderThatResetsStopsTheProviderToo() throws Exception {
        script("endless-2", Steps.head(), Steps.text("a"), Steps.hang());
        Wire wire = asked("endless-2");
        wire.readUntil("\n\n\r\n");
        wire.reset();
        lastExchange().await(Exchange.State.CANCELLED, LIMIT);
    }

    @Test
    void aReaderThatLeavesBeforeTheHeadStopsTheProviderToo() throws Exception {
        script("mute", Steps.head(), Steps.role(), Steps.hang());
        int before = simulator.exchanges().size();
        try (Wire _ = asked("mute")) {
            simulator.awaitExchange(before, LIMIT);
        }
        lastExchange().await(Exchange.State.CANCELLED, LIMIT);
    }

    @Test
    void aReaderThatOnlyShutsItsSendingSideReadsOnToTheEnd() throws Exception {
        script(
                "half",
                Steps.head(),
                Steps.text("a"),
                Steps.gate("half"),
                Steps.text("b"),
                Steps.done(),
                Steps.lastChunk());
        try (Wire wire = asked("half")) {
            wire.readUntil("\n\n\r\n");
            wire.shutdownOutput();
            assertThat(wire.readUntil("\r\n:\n\r\n")).endsWith("2\r\n:\n\r\n");
            simulator.open("half");
            assertThat(wire.readAll()).contains("\"content\":\"b\"", "[DONE]").endsWith("0\r\n\r\n");
        }
    }

    @Test
    void nothingLeavesBeforeTheFirstContentAndThenAllThatWaited() throws IOException {
        script(
                "patient",
                Steps.head(),
                Steps.role(),
                Steps.event("{\"choices\":[{\"delta\":{\"content\":\"\"}}]}"),
                Steps.text("now"),
                Steps.done(),
                Steps.lastChunk());
        String events = events(streamed("patient"));
        assertThat(events.split("\n\n", -1)).hasSize(5);
        assertThat(events).startsWith("data: {").contains("\"role\":\"assistant\"");
    }

    @Test
    void theHeadLeavesAfterAWhileWithoutContentAndAFailureIsThenAnEvent() throws IOException {
        script("slow", Steps.head(), Steps.role(), Steps.gate("slow"), Steps.close());
        try (Wire wire = asked("quick-head")) {
            assertThat(wire.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 200 OK");
            simulator.open("slow");
            String rest = wire.readUntil("0\r\n\r\n");
            assertThat(rest)
                    .contains("data: {\"error\":{", "\"code\":\"upstream_truncated\"", "\"status\":502")
                    .doesNotContain("[DONE]");
        }
    }

    @Test
    void anEndWithoutEvidenceIsNeverASuccess() throws IOException {
        script("cut", Steps.head(), Steps.text("a"), Steps.lastChunk());
        assertThat(events(streamed("cut")))
                .contains("\"a\"", "\"code\":\"upstream_truncated\"")
                .doesNotContain("[DONE]");
        script("cut-early", Steps.head(), Steps.role(), Steps.close());
        try (Wire wire = asked("cut-early")) {
            assertThat(wire.readResponse()).startsWith("HTTP/1.1 502 ").contains("upstream_truncated");
        }
    }

    /// A reset throws away what was not read yet, so the client must have seen the first token before.
    @Test
    void aResetInTheMiddleOfAnEventLeavesTheWholeEventsAndAnError() throws IOException {
        script(
                "torn",
                Steps.head(),
                Steps.text("a"),
                Steps.gate("torn"),
                Steps.chunk("data: {\"choices\":[{\"del"),
                Steps.reset());
        try (Wire wire = asked("torn")) {
            assertThat(wire.readUntil("\n\n\r\n")).contains("\"a\"");
            simulator.open("torn");
            assertThat(wire.readUntil("0\r\n\r\n"))
                    .contains("\"code\":\"upstream_truncated\"")
                    .doesNotContain("[DONE]", "\"del");
        }
    }

    @Test
    void aFinishReasonForEveryChoiceIsEvidenceAndDoneIsAdded() throws IOException {
        script("no-done", Steps.head(), Steps.text("a"), Steps.finish("stop"), Steps.close());
        assertThat(events(streamed("no-done"))).endsWith("\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n");
    }

    @Test
    void theResponseEndsAtDoneWithoutWaitingForTheProvidersEnd() throws IOException {
        script("lingering", Steps.head(), Steps.text("a"), Steps.done(), Steps.hang());
        assertThat(events(streamed("lingering"))).endsWith("data: [DONE]\n\n");
    }

    @Test
    void whatFollowsDoneIsDropped() throws IOException {
        script(
                "talkative",
                Steps.head(),
                Steps.text("a"),
                Steps.done(),
                Steps.done(),
                Steps.text("tardy"),
                Steps.lastChunk());
        assertThat(events(streamed("talkative")))
                .endsWith("}\n\ndata: [DONE]\n\n")
                .doesNotContain("tardy")
                .containsOnlyOnce("[DONE]");
    }

    @Test
    void silenceInTheMiddleEndsTheStreamWithAnError() throws Exception {
        script("silent-later", Steps.head(), Steps.text("a"), Steps.hang());
        String events = events(streamed("impatient"));
        assertThat(events)
                .contains("\"a\"", "\"code\":\"upstream_stalled\"", "\"retryable\":true")
                .doesNotContain("[DONE]");
        lastExchange().await(Exchange.State.CANCELLED, LIMIT);
    }

    @Test
    void commentsDoNotCountAgainstSilence() throws Exception {
        List<Object> steps = new ArrayList<>(List.of(Steps.head(), Steps.text("a")));
        for (int i = 0; i < 400; i++)
            steps.addAll(List.of(Steps.chunk(": keep-alive\n\n"), Steps.pause(Duration.ofMillis(50))));
        script("silent-later", steps.toArray());
        assertThat(events(streamed("impatient"))).contains("\"code\":\"upstream_stalled\"");
        lastExchange().await(Exchange.State.CANCELLED, LIMIT);
    }

    @Test
    void noFirstTokenIsA504ThatIsNotToBeRepeated() throws IOException {
        script("never", Steps.head(), Steps.role(), Steps.hang());
        try (Wire wire = asked("mute-provider")) {
            assertThat(wire.readResponse())
                    .startsWith("HTTP/1.1 504 ")
                    .contains("\r\nx-should-retry: false\r\n", "\"code\":\"upstream_timeout\"");
        }
    }

    @Test
    void theTotalIsALimitToo() throws IOException {
        script("slow", Steps.head(), Steps.text("a"), Steps.hang());
        assertThat(events(streamed("hurried")))
                .contains("\"a\"", "\"code\":\"upstream_timeout\"")
                .doesNotContain("[DONE]");
    }

    @Test
    void anErrorInsideTheStreamIsPassedOnAsOne() throws IOException {
        script(
                "limited",
                Steps.head(),
                Steps.text("a"),
                Steps.event(
                        "{\"error\":{\"message\":\"Rate limit for Bearer sk-operator\",\"type\":\"rate_limit_error\",\"code\":\"rate_limit_exceeded\"}}"),
                Steps.hang());
        String events = events(streamed("limited"));
        assertThat(events)
                .contains("\"code\":\"upstream_rate_limited\"", "\"status\":429", "\"type\":\"rate_limit_error\"")
                .doesNotContain("[DONE]", "sk-operator");
        assertThat(events.split("\n\n", -1)).hasSize(3);
    }

    @Test
    void anErrorBeforeTheFirstTokenBecomesTheStatus() throws IOException {
        script(
                "limited-2",
                Steps.head(),
                Steps.event("{\"error\":{\"message\":\"m\",\"code\":429}}"),
                Steps.lastChunk());
        try (Wire wire = asked("limited-2")) {
            assertThat(wire.readResponse()).startsWith("HTTP/1.1 429 ").contains("upstream_rate_limited");
        }
    }

    @Test
    void statusesOfTheProviderBecomeTheContractsErrors() throws IOException {
        Map<Integer, String> expected = Map.of(
                400,
                "400 upstream_rejected",
                404,
                "404 upstream_rejected",
                413,
                "413 upstream_rejected",
                422,
                "422 upstream_rejected",
                401,
                "502 upstream_failed",
                403,
                "502 upstream_failed",
                429,
                "429 upstream_rate_limited",
                500,
                "502 upstream_failed",
                503,
                "503 upstream_failed",
                302,
                "502 upstream_failed");
        for (Map.Entry<Integer, String> row : expected.entrySet()) {
            script(
                    "status",
                    Steps.json(
                            row.getKey(),
                            "{\"error\":{\"message\":\"because\",\"type\":\"t\",\"param\":null,\"code\":\"c\"}}",
                            "Location: http://127.0.0.1:9/",
                            "Retry-After: 7"));
            try (Wire wire = asked("status")) {
                String answer = wire.readResponse();
                String found = answer.replaceFirst("(?s)HTTP/1.1 (\\d+).*\"code\":\"(upstream_\\w+)\".*", "$1 $2");
                assertThat(found).as("provider's %s", row.getKey()).isEqualTo(row.getValue());
                assertThat(answer)
                        .contains("\"upstream\":{\"status\":" + row.getKey() + ",\"code\":\"c\",\"type\":\"t\"}");
                assertThat(answer).contains("\r\nRetry-After: 7\r\n");
            }
        }
    }

    @Test
    void anAnswerThatIsNoEventStreamIsA502() throws IOException {
        script("html", Steps.head(200, "Content-Type: text/html", "Content-Length: 6"), Steps.raw("<html>"));
        try (Wire wire = asked("html")) {
            assertThat(wire.readResponse()).startsWith("HTTP/1.1 502 ").contains("upstream_broken", "text/html");
        }
    }

    @Test
    void theNextTargetIsAskedWhereTheFirstCannotBeReached() throws IOException {
        String response = streamed("second-best");
        assertThat(response).contains("Freshet-Attempts: 2", "Freshet-Provider: up", "[DONE]");
    }

    @Test
    void theNextTargetIsAskedAfterAnErrorBeforeTheFirstToken() throws IOException {
        script(
                "fails-first",
                Steps.head(),
                Steps.role(),
                Steps.event("{\"error\":{\"message\":\"m\",\"type\":\"overloaded_error\"}}"));
        String response = streamed("after-an-error");
        assertThat(response).contains("Freshet-Attempts: 2", "[DONE]").containsOnlyOnce("\"role\":\"assistant\"");
    }

    @Test
    void aStreamThatGrowsOverItsLimitEndsWithAnError() throws Exception {
        String events = events(streamed("tokens-5000"));
        assertThat(events).contains("\"code\":\"stream_too_large\"").doesNotContain("[DONE]");
        lastExchange().await(Exchange.State.CANCELLED, LIMIT);
    }

    @Test
    void aSlowReaderGetsEverythingInOrder() throws IOException {
        try (Wire wire = asked("tokens-700")) {
            wire.readUntil("\r\n\r\n");
            for (int i = 1; i <= 700; i++)
                assertThat(wire.readUntil("\"content\":\"" + i + " \"")).doesNotContain("[DONE]");
            wire.readUntil("0\r\n\r\n");
        }
    }

    @Test
    void twoHundredStreamsAtOnceLoseNothing() {
        String expected = IntStream.rangeClosed(1, 50)
                .mapToObj(i -> "\"content\":\"" + i + " \"")
                .collect(Collectors.joining("~"));
        List<CompletableFuture<String>> all = IntStream.range(0, 200)
                .mapToObj(_ ->
                        CompletableFuture.supplyAsync(() -> contents("tokens-50-at-100"), Thread::startVirtualThread))
                .toList();
        for (CompletableFuture<String> one : all) assertThat(one.join()).isEqualTo(expected);
    }

    private static String contents(String model) {
        try {
            String events = events(streamed(model));
            assertThat(events).endsWith("data: [DONE]\n\n");
            return Pattern.compile("\"content\":\"\\d+ \"")
                    .matcher(events)
                    .results()
                    .map(MatchResult::group)
                    .collect(Collectors.joining("~"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aLargeBodyPassesWhole() throws IOException {
        String large =
                "{\"model\":\"tokens-1\",\"stream\":true,\"messages\":[],\"x\":\"" + "y".repeat(3_000_000) + "\"}";
        try (Wire wire = new Wire(gateway.address())) {
            assertThat(wire.post(large).readUntil("0\r\n\r\n")).contains("[DONE]");
        }
        assertThat(lastExchange().body()).isEqualTo(large);
    }

    @Test
    void metricsNameOnlyConfiguredModels() throws IOException {
        streamed("renamed");
        try (Wire wire = new Wire(gateway.address())) {
            String metrics = wire.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    .readResponse();
            assertThat(metrics)
                    .contains(
                            "gen_ai_server_time_to_first_token_seconds_count{model=\"renamed\",outcome=\"completed\",provider=\"up\"}")
                    .contains("freshet_exchanges_running")
                    .doesNotContain("tokens-50");
        }
    }

    @Test
    void theModelsAreListed() throws IOException {
        try (Wire wire = new Wire(gateway.address())) {
            String models = wire.send("GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    .readResponse();
            assertThat(models)
                    .contains("\"object\":\"list\"", "\"id\":\"renamed\"")
                    .doesNotContain("\"id\":\"*\"");
        }
    }
}
