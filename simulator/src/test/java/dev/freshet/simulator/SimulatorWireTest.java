package dev.freshet.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SimulatorWireTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final HttpClient client = HttpClient.newHttpClient();
    private Simulator simulator;

    @BeforeEach
    void start() throws IOException {
        simulator = Simulator.builder().recording(true).start();
    }

    @AfterEach
    void stop() {
        simulator.close();
        client.close();
    }

    private HttpRequest chat(String body) {
        return HttpRequest.newBuilder(URI.create(simulator.baseUri() + "/chat/completions"))
                .timeout(LIMIT)
                .POST(BodyPublishers.ofString(body))
                .build();
    }

    private String answer(String body) throws IOException, InterruptedException {
        return client.send(chat(body), BodyHandlers.ofString()).body();
    }

    private static String body(String model, String more) {
        return "{\"model\":\"" + model + "\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]" + more + "}";
    }

    private static String streamed(String model) {
        return body(model, ",\"stream\":true");
    }

    private Socket raw(String model) throws IOException {
        Socket socket =
                new Socket(InetAddress.getLoopbackAddress(), simulator.baseUri().getPort());
        socket.setSoTimeout((int) LIMIT.toMillis());
        String body = streamed(model);
        socket.getOutputStream()
                .write(("POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: " + body.length() + "\r\n\r\n"
                                + body)
                        .getBytes(StandardCharsets.UTF_8));
        return socket;
    }

    private static String numbers(int count) {
        return IntStream.rangeClosed(1, count).mapToObj(i -> i + " ").collect(Collectors.joining());
    }

    private static String text(String events) {
        StringBuilder text = new StringBuilder();
        events.lines()
                .filter(line -> line.contains("\"content\":\"") && !line.contains("\"role\""))
                .forEach(line ->
                        text.append(line.replaceFirst(".*\"content\":\"", "").replaceFirst("\".*", "")));
        return text.toString();
    }

    @Test
    void aScriptDecidesEveryByte() throws IOException {
        simulator.script(
                "exact",
                Script.of(
                        Steps.raw("HTTP/1.1 299 Odd\r\nX: y\r\n\r\n"),
                        Steps.raw("\u0000\r\n: no rule"),
                        Steps.close()));
        try (Socket socket = raw("exact")) {
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo("HTTP/1.1 299 Odd\r\nX: y\r\n\r\n\u0000\r\n: no rule");
        }
    }

    @Test
    void nothingPassesAGateBeforeItIsOpened() throws IOException {
        simulator.script("gated", Script.of(Steps.raw("before"), Steps.gate("g"), Steps.raw("after"), Steps.close()));
        try (Socket socket = raw("gated")) {
            InputStream in = socket.getInputStream();
            assertThat(new String(in.readNBytes(6), StandardCharsets.UTF_8)).isEqualTo("before");
            assertThat(in.available()).isZero();
            simulator.open("g");
            assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("after");
        }
    }

    @Test
    void aSplitIsThatManyChunks() throws IOException {
        simulator.script("split", Script.of(Steps.head(), Steps.split("abcde", 2), Steps.lastChunk(), Steps.close()));
        try (Socket socket = raw("split")) {
            assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                    .endsWith("\r\n\r\n2\r\nab\r\n2\r\ncd\r\n1\r\ne\r\n0\r\n\r\n");
        }
    }

    @Test
    void aResetIsAResetAndAWaitTakesItsTime() throws IOException {
        simulator.script("reset", Script.of(Steps.raw("x"), Steps.pause(Duration.ofMillis(80)), Steps.reset()));
        long began = System.nanoTime();
        try (Socket socket = raw("reset")) {
            InputStream in = socket.getInputStream();
            assertThat(in.read()).isEqualTo('x');
            assertThatThrownBy(in::read).isInstanceOf(SocketException.class);
        }
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(Duration.ofMillis(80));
    }

    @Test
    void aClientThatLeavesIsSeenAtOnce() throws Exception {
        simulator.script("hanging", Script.of(Steps.raw("x"), Steps.hang()));
        try (Socket socket = raw("hanging")) {
            assertThat(socket.getInputStream().read()).isEqualTo('x');
        }
        Exchange exchange = simulator.awaitExchange(0, LIMIT);
        exchange.await(Exchange.State.CANCELLED, LIMIT);
        assertThat(exchange.writes()).isEqualTo(1);
        assertThat(exchange.body()).contains("\"hanging\"");
    }

    @Test
    void scriptsInTurnAnswerOneRequestEach() throws Exception {
        simulator.script(
                "turns", Script.inTurn(Script.of(Steps.json(500, "{}")), Script.of(Steps.json(200, "{\"ok\":1}"))));
        assertThat(client.send(chat(body("turns", "")), BodyHandlers.ofString()).statusCode())
                .isEqualTo(500);
        assertThat(answer(body("turns", ""))).isEqualTo("{\"ok\":1}");
        assertThat(answer(body("turns", ""))).isEqualTo("{\"ok\":1}");
    }

    @Test
    void numberedTokensComeInOrderAndCompletely() throws Exception {
        String events = answer(streamed("tokens-300"));
        assertThat(text(events)).isEqualTo(numbers(300));
        assertThat(events).startsWith("data: {").endsWith("\n\ndata: [DONE]\n\n");
        assertThat(events).contains("\"finish_reason\":\"stop\"").doesNotContain("usage");
    }

    @Test
    void usageIsStreamedToWhoAskedForIt() throws Exception {
        String events = answer(body("tokens-3", ",\"stream\":true,\"stream_options\":{\"include_usage\":true}"));
        assertThat(events)
                .contains(
                        "\"choices\":[],\"usage\":{\"prompt_tokens\":2,\"completion_tokens\":3,\"total_tokens\":5}}\n\ndata: [DONE]")
                .contains("\"usage\":null");
    }

    @Test
    void eachChoiceIsStreamedAndFinished() throws Exception {
        String events = answer(body("tokens-4", ",\"stream\":true,\"n\":3"));
        assertThat(events.lines().filter(line -> line.contains("\"finish_reason\":\"stop\"")))
                .hasSize(3);
        assertThat(events.lines().filter(line -> line.contains("\"index\":2") && line.contains("\"content\":\"4 \"")))
                .hasSize(1);
    }

    @Test
    void maxTokensCutsTheAnswer() throws Exception {
        String events = answer(body("tokens-10", ",\"stream\":true,\"max_completion_tokens\":4"));
        assertThat(text(events)).isEqualTo(numbers(4));
        assertThat(events).contains("\"finish_reason\":\"length\"");
    }

    @Test
    void aWholeAnswerIsOneObjectWithUsage() throws Exception {
        HttpResponse<String> response = client.send(chat(body("tokens-3", "")), BodyHandlers.ofString());
        assertThat(response.headers().firstValue("content-type")).hasValue("application/json");
        assertThat(response.body())
                .contains("\"object\":\"chat.completion\"", "\"content\":\"1 2 3 \"", "\"completion_tokens\":3");
    }

    @Test
    void theDemoSaysThatItIsSimulatedAndNamesTheModelThatWasMeant() throws Exception {
        assertThat(text(answer(streamed("demo")))).contains("simulated");
        String other = answer(streamed("deepseek-chat"));
        assertThat(text(other)).startsWith("*No provider is configured for* `deepseek-chat`");
        assertThat(other).contains("\"model\":\"deepseek-chat\"");
    }

    @Test
    void theDemoAnswersPromptsOfManyKinds() {
        List<String> prompts = List.of(
                "Write code",
                "a table please",
                "a formula",
                "connect a provider",
                "What is Freshet?",
                "something long");
        List<String> signs =
                List.of("```javascript", "|---|", "$$", "DEEPSEEK_API_KEY", "### What Freshet is", "## Part 6");
        for (int i = 0; i < prompts.size(); i++) {
            String answer = Demo.saying(new ChatCall(
                            "demo", true, false, 1, Integer.MAX_VALUE, prompts.get(i), "", 1, ChatCall.Brought.NOTHING))
                    .text();
            assertThat(answer).contains(signs.get(i)).containsIgnoringCase("simulated");
            assertThat(String.join("", Tokens.of(answer))).isEqualTo(answer);
        }
    }

    private static Demo.Saying said(String messages) throws ChatCall.BadCall {
        return Demo.saying(call(messages));
    }

    private static ChatCall call(String messages) throws ChatCall.BadCall {
        String body = "{\"model\":\"demo\",\"stream\":true,\"messages\":[" + messages + "]}";
        return ChatCall.parse(body.getBytes(StandardCharsets.UTF_8));
    }

    private static String user(String text) {
        return "{\"role\":\"user\",\"content\":\"" + text + "\"}";
    }

    @Test
    void theDemoReasonsStallsAndCorrectsItselfWhenItIsAskedTo() throws ChatCall.BadCall {
        assertThat(said(user("Think it through")).reasoning()).contains("nobody's promise");
        assertThat(said(user("Hello")).reasoning()).isEmpty();
        assertThat(said(user("Stall, please")).stalls()).isTrue();
        assertThat(said(user("Hello")).stalls()).isFalse();
        assertThat(said(user("Which fruit?")).text()).contains("banana");
        assertThat(said(user("Which fruit?") + "," + user("Not that: banana. Another."))
                        .text())
                .contains("apple")
                .doesNotContain("banana");
    }

    private static String tools(String model, String more, boolean stream) {
        return """
                {"model": "%s", "stream": %s, "tools": [{"function": {"description": "name", "name": "get_weather", "parameters": {"name": "x"}}, "type": "function"}],
                 "messages": [{"role": "user", "content": "The weather in Oslo?"}%s]}""".formatted(model, stream, more);
    }

    @Test
    void theDemoCallsAToolWhoseNameIsMeantAndTakesWhatItGives() throws Exception {
        String called = answer(tools("demo", "", true));
        assertThat(called)
                .contains(
                        "\"tool_calls\":[{\"index\":0,\"id\":\"call_simulated\",\"type\":\"function\",\"function\":{\"name\":\"get_weather\"")
                .contains("\"finish_reason\":\"tool_calls\"");
        assertThat(answer(tools("demo", "", false)))
                .contains("\"function\":{\"name\":\"get_weather\",\"arguments\":\"{\\\"place\\\": \\\"Oslo\\\"}\"}")
                .contains("\"finish_reason\":\"tool_calls\"");
        String given = ",{\"role\":\"tool\",\"tool_call_id\":\"call_simulated\",\"content\":\"Snow\"}";
        assertThat(text(answer(tools("demo", given, true)))).startsWith("The tool says: **Snow**.");
        assertThat(call(user("The weather?")).brought().tools()).isEmpty();
        assertThat(text(answer(tools("demo", "", true).replace("The weather in Oslo?", "Hello"))))
                .startsWith("Hello!");
    }

    @Test
    void theDemoSaysHowManyPicturesCame() throws ChatCall.BadCall {
        String picture = "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,AA==\"}}";
        String text = "{\"type\":\"text\",\"text\":\"What is in it?\"}";
        String message = "{\"role\":\"user\",\"content\":[" + text + "," + picture + "," + picture + "]}";
        assertThat(call(message).prompt()).isEqualTo("What is in it?");
        assertThat(said(message).text()).startsWith("2 pictures came");
        assertThat(said(message + "," + user("Hello")).text()).startsWith("Hello!");
    }

    /// As a model does that is told so: from the last character that it said, to the same prompt.
    @Test
    void theDemoGoesOnWhereItStopped() throws ChatCall.BadCall {
        String half = "{\"role\":\"assistant\",\"content\":\"I am \"}";
        ChatCall call = call(user("What is Freshet?") + "," + half + "," + user("Continue exactly where you stopped."));
        assertThat(call.prefix()).isEqualTo("I am ");
        assertThat(call.prompt()).isEqualTo("What is Freshet?");
        assertThat(call(half + "," + user("Continue, please")).prefix()).isEmpty();
        assertThat(call(user("Continue exactly where you stopped.")).prefix()).isEmpty();
    }

    @Test
    void badRequestsGetOpenAisErrors() throws Exception {
        assertThat(answer("{")).contains("\"error\":{\"message\":\"We could not parse");
        assertThat(answer("{\"model\":\"demo\"}")).contains("'messages'", "\"param\":\"messages\"");
        HttpRequest unknown = HttpRequest.newBuilder(URI.create(simulator.baseUri() + "/none"))
                .build();
        assertThat(client.send(unknown, BodyHandlers.ofString()).statusCode()).isEqualTo(404);
    }

    @Test
    void aKeyIsDemandedWhereOneIsSet() throws Exception {
        try (Simulator strict = Simulator.builder().requireKey("sk-1").start()) {
            HttpRequest.Builder ask = HttpRequest.newBuilder(URI.create(strict.baseUri() + "/models"));
            assertThat(client.send(ask.build(), BodyHandlers.ofString()).statusCode())
                    .isEqualTo(401);
            HttpRequest known = ask.header("Authorization", "Bearer sk-1").build();
            assertThat(client.send(known, BodyHandlers.ofString()).body()).contains("\"id\":\"demo\"");
        }
    }

    @Test
    void aConnectionServesOneRequestAfterAnother() throws Exception {
        for (int i = 0; i < 3; i++) answer(streamed("tokens-2"));
        assertThat(simulator.exchanges().stream().map(Exchange::connection).distinct())
                .hasSize(1);
    }

    @Test
    void fiveHundredStreamsAtOnceLoseNothing() throws Exception {
        List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
        for (int i = 0; i < 500; i++)
            all.add(client.sendAsync(chat(streamed("tokens-40-at-100")), BodyHandlers.ofString()));
        for (CompletableFuture<HttpResponse<String>> one : all)
            assertThat(text(one.get().body())).isEqualTo(numbers(40));
    }
}
