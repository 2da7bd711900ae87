package dev.freshet.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.simulator.Exchange;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What the client does with a server that keeps the rules, and with who calls it.
class CallWireTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);
    private static final String KEY = "sk-very-secret";

    private Simulator simulator;
    private FreshetClient client;

    @BeforeEach
    void start() throws IOException {
        simulator = Simulator.builder().recording(true).threads(2).start();
        client = FreshetClient.of(simulator.baseUri().toString(), KEY);
    }

    @AfterEach
    void stop() {
        client.close();
        simulator.close();
    }

    private static String counted(int tokens) {
        return IntStream.rangeClosed(1, tokens).mapToObj(i -> i + " ").collect(Collectors.joining());
    }

    private JsonNode body(int exchange) throws InterruptedException {
        return new JsonMapper()
                .readTree(simulator.awaitExchange(exchange, LIMIT).body());
    }

    @Test
    void textComesInOneLine() {
        StringBuilder text = new StringBuilder();
        for (String piece : client.stream(ChatRequest.of("tokens-20", "count")).text()) text.append(piece);
        assertThat(text.toString()).isEqualTo(counted(20));
    }

    @Test
    void theThreeFacesGiveTheSame() throws Exception {
        ChatRequest request = ChatRequest.of("tokens-200", "count").withUsage();
        Answer asked = client.ask(request);
        List<Chunk> called = new ArrayList<>();
        Answer listened = client.start(request, new ChatListener() {
                    @Override
                    public void onChunk(Chunk chunk) {
                        called.add(chunk);
                    }
                })
                .answer()
                .get(10, TimeUnit.SECONDS);
        Gatherer gatherer = new Gatherer(1);
        ChatPublisher publisher = client.publisher(request);
        publisher.subscribe(gatherer);
        assertThat(gatherer.over.await(10, TimeUnit.SECONDS)).isTrue();
        Answer published = publisher.answer().get(10, TimeUnit.SECONDS);
        for (Answer one : List.of(asked, listened, published)) {
            assertThat(one.text()).isEqualTo(counted(200));
            assertThat(one.finishReason()).isEqualTo("stop");
            assertThat(one.ending()).isEqualTo(Answer.Ending.COMPLETED);
            assertThat(one.usage()).isNotNull();
            assertThat(one.usage().completionTokens()).isEqualTo(200);
            assertThat(one.completionTokens()).isEqualTo(200);
            assertThat(one.firstToken()).isNotNull().isLessThanOrEqualTo(one.duration());
        }
        assertThat(called.stream().map(Chunk::text).collect(Collectors.joining()))
                .isEqualTo(counted(200));
        assertThat(gatherer.chunks.stream().map(Chunk::text).collect(Collectors.joining()))
                .isEqualTo(counted(200));
    }

    /// Asks for so many at a time.
    private static final class Gatherer implements Flow.Subscriber<Chunk> {
        private final int atOnce;
        private final List<Chunk> chunks = new ArrayList<>();
        private final CountDownLatch over = new CountDownLatch(1);
        private volatile Flow.@Nullable Subscription subscription;
        private volatile @Nullable Throwable failure;

        Gatherer(int atOnce) {
            this.atOnce = atOnce;
        }

        @Override
        public void onSubscribe(Flow.Subscription asking) {
            subscription = asking;
            if (atOnce > 0) asking.request(atOnce);
        }

        @Override
        public void onNext(Chunk chunk) {
            chunks.add(chunk);
            Flow.Subscription asking = subscription;
            if (asking != null) asking.request(atOnce);
        }

        @Override
        public void onError(Throwable thrown) {
            failure = thrown;
            over.countDown();
        }

        @Override
        public void onComplete() {
            over.countDown();
        }
    }

    @Test
    void aPublisherHasOneSubscriberBecauseAskingTwiceIsBilledTwice() throws Exception {
        ChatPublisher publisher = client.publisher(ChatRequest.of("tokens-1", "count"));
        Gatherer first = new Gatherer(10);
        Gatherer second = new Gatherer(10);
        publisher.subscribe(first);
        publisher.subscribe(second);
        assertThat(first.over.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(second.failure).isInstanceOf(IllegalStateException.class);
        assertThat(simulator.exchanges()).hasSize(1);
    }

    @Test
    void whatNobodyAsksForStaysWithTheServer() throws Exception {
        ChatPublisher publisher = client.publisher(ChatRequest.of("tokens-200000", "count"));
        Gatherer slow = new Gatherer(0);
        publisher.subscribe(slow);
        Exchange exchange = simulator.awaitExchange(0, LIMIT);
        int writes;
        do {
            writes = exchange.writes();
            Thread.sleep(300);
        } while (exchange.writes() > writes);
        assertThat(exchange.state()).isEqualTo(Exchange.State.RUNNING);
        assertThat(slow.chunks).isEmpty();
        Flow.Subscription subscription = slow.subscription;
        assertThat(subscription).isNotNull();
        subscription.cancel();
        exchange.await(Exchange.State.CANCELLED, LIMIT);
    }

    @Test
    void aReaderThatTakesItsTimeIsNoSilenceOfTheServer() {
        ChatOptions options = ChatOptions.DEFAULT.idle(Duration.ofMillis(200));
        try (ChatStream stream = client.stream(ChatRequest.of("tokens-3000", "count"), options)) {
            StringBuilder text = new StringBuilder();
            for (String piece : stream.text()) {
                if (text.isEmpty()) pause(600);
                text.append(piece);
            }
            assertThat(text.toString()).isEqualTo(counted(3000));
        }
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void cancellingClosesTheConnectionAThousandTimes() throws Exception {
        simulator.script("long", Script.of(Steps.head(), Steps.text("1 "), Steps.hang()));
        client.ask(ChatRequest.of("tokens-1", "warm"));
        long[] nanos = new long[1_000];
        for (int i = 0; i < nanos.length; i++) {
            boolean beforeTheHead = i % 2 == 0;
            ChatStream stream = client.stream(ChatRequest.of(beforeTheHead ? "silent" : "long", "count"));
            Exchange exchange = simulator.awaitExchange(i + 1, LIMIT);
            if (!beforeTheHead) assertThat(stream.iterator().next()).isNotNull();
            long began = System.nanoTime();
            stream.cancel();
            exchange.await(Exchange.State.CANCELLED, LIMIT);
            nanos[i] = exchange.endedNanos() - began;
            assertThat(stream.result().get(10, TimeUnit.SECONDS).ending()).isEqualTo(Answer.Ending.CANCELLED);
        }
        Arrays.sort(nanos);
        System.out.printf(
                "cancelled 1,000 times: the provider knows after %.1f ms (median), %.1f ms (p99), %.1f ms (most)%n",
                nanos[500] / 1e6, nanos[989] / 1e6, nanos[999] / 1e6);
        assertThat(client.running()).isZero();
        Eventually.is("no connection is left", () -> simulator.connections() <= 1);
        Eventually.is("no timer is left", () -> Timer.waiting() == 0);
    }

    @Test
    void aRuleStopsTheAnswerAndABetterQuestionIsAsked() throws Exception {
        simulator.script(
                "chatty",
                Script.inTurn(
                        Script.of(Steps.head(), Steps.text("As an AI, "), Steps.text("I "), Steps.hang()),
                        Script.of(
                                Steps.head(),
                                Steps.text("42"),
                                Steps.finish("stop"),
                                Steps.done(),
                                Steps.lastChunk())));
        ConcurrentLinkedQueue<ChatState> states = new ConcurrentLinkedQueue<>();
        ChatOptions options = ChatOptions.DEFAULT
                .stopWhen((text, tokens) -> tokens <= 50 && text.toString().startsWith("As an AI"))
                .retryWith(
                        1,
                        (request, answer) -> request.message(Message.assistant(answer.text()))
                                .user("The number."));
        List<Integer> attempts = new ArrayList<>();
        try (ChatStream stream = client.stream(ChatRequest.of("chatty", "6 x 7?"), options, states::add)) {
            for (Chunk chunk : stream) attempts.add(chunk.attempt());
            Answer answer = stream.answer();
            assertThat(answer.text()).isEqualTo("42");
            assertThat(answer.attempts())
                    .extracting(Answer.Attempt::ending)
                    .containsExactly(Answer.Ending.STOPPED, Answer.Ending.COMPLETED);
            assertThat(answer.completionTokens()).isEqualTo(2);
        }
        assertThat(attempts).contains(2).isSorted();
        assertThat(states).hasAtLeastOneElementOfType(ChatState.Restarted.class);
        simulator.awaitExchange(0, LIMIT).await(Exchange.State.CANCELLED, LIMIT);
        assertThat(body(1).get("messages")).hasSize(3);
    }

    @Test
    void restartsDropWhatCameAndCountBoth() throws Exception {
        simulator.script(
                "shaky",
                Script.inTurn(
                        Script.of(Steps.head(), Steps.text("a"), Steps.text("b"), Steps.lastChunk(), Steps.close()),
                        Script.of(
                                Steps.head(),
                                Steps.text("whole"),
                                Steps.finish("stop"),
                                Steps.done(),
                                Steps.lastChunk())));
        ChatRequest request = ChatRequest.of("shaky", "go");
        assertThatThrownBy(() -> client.ask(request))
                .isInstanceOfSatisfying(
                        TruncatedStreamException.class,
                        cut -> assertThat(cut.text()).isEqualTo("ab"));
        assertThat(simulator.exchanges()).as("never repeated by itself").hasSize(1);
        simulator.script(
                "shaky",
                Script.inTurn(
                        Script.of(Steps.head(), Steps.text("a"), Steps.text("b"), Steps.lastChunk(), Steps.close()),
                        Script.of(
                                Steps.head(),
                                Steps.text("whole"),
                                Steps.finish("stop"),
                                Steps.done(),
                                Steps.lastChunk())));
        Answer answer = client.ask(request, ChatOptions.DEFAULT.restarts(1));
        assertThat(answer.text()).isEqualTo("whole");
        assertThat(answer.attempts()).extracting(Answer.Attempt::tokens).containsExactly(2, 1);
        assertThat(answer.attempts().get(0).cause()).isInstanceOf(TruncatedStreamException.class);
    }

    @Test
    void theTotalLimitEndsAnAnswerThatGoesOnForEver() {
        ChatOptions options = ChatOptions.DEFAULT.total(Duration.ofMillis(500)).restarts(3);
        assertThatThrownBy(() -> client.ask(ChatRequest.of("tokens-100000-at-50", "count"), options))
                .isInstanceOfSatisfying(TimeLimitException.class, late -> {
                    assertThat(late.limit()).isEqualTo(TimeLimitException.Limit.TOTAL);
                    assertThat(late.text()).startsWith("1 2 ");
                    assertThat(late.answer().attempts()).hasSize(1);
                });
    }

    @Test
    void toolCallsAreAssembledAndGoIntoTheNextRequest() throws Exception {
        simulator.script(
                "tools",
                Script.of(
                        Steps.head(),
                        Steps.event(
                                "{\"id\":\"c1\",\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"reasoning_content\":\"Hm. \"}}]}"),
                        Steps.event(
                                "{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"weather\",\"arguments\":\"\"}}]}}]}"),
                        Steps.event(
                                "{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\\\"city\\\":\"}}]}}]}"),
                        Steps.event(
                                "{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"\\\"Ulm\\\"}\"}}]}}]}"),
                        Steps.event("{\"choices\":[{\"index\":0,\"delta\":{\"x_note\":\"kept \"}}]}"),
                        Steps.event("{\"choices\":[{\"index\":0,\"delta\":{\"x_note\":\"too\"}}]}"),
                        Steps.finish("tool_calls"),
                        Steps.done(),
                        Steps.lastChunk()));
        ChatRequest request = ChatRequest.of("tools", "Weather?");
        Answer answer = client.ask(request);
        assertThat(answer.message().toolCalls())
                .containsExactly(new ToolCall("call_1", "weather", "{\"city\":\"Ulm\"}"));
        assertThat(answer.reasoning()).isEqualTo("Hm. ");
        client.ask(request.message(answer.message())
                .message(Message.tool("call_1", "rain"))
                .model("tokens-1"));
        JsonNode said = body(1).at("/messages/1");
        assertThat(said.get("content").isNull()).isTrue();
        assertThat(said.at("/tool_calls/0/function/arguments").asString()).isEqualTo("{\"city\":\"Ulm\"}");
        assertThat(said.get("reasoning_content").asString()).isEqualTo("Hm. ");
        assertThat(said.get("x_note").asString()).isEqualTo("kept too");
    }

    @Test
    void unknownFieldsGoOutAsTheyAre() throws Exception {
        client.ask(ChatRequest.of("tokens-1", "count")
                .maxTokens(7)
                .with("response_format", Map.of("type", "json_object"))
                .with("temperature", 0.2)
                .with("nothing", null)
                .with("list", List.of(1, "two", true)));
        JsonNode sent = body(0);
        assertThat(sent.get("stream").asBoolean()).isTrue();
        assertThat(sent.get("max_tokens").asInt()).isEqualTo(7);
        assertThat(sent.at("/response_format/type").asString()).isEqualTo("json_object");
        assertThat(sent.get("temperature").asDouble()).isEqualTo(0.2);
        assertThat(sent.get("nothing").isNull()).isTrue();
        assertThat(sent.get("list")).hasSize(3);
    }

    @Test
    void aConnectionServesTheNextRequest() throws Exception {
        for (int i = 0; i < 5; i++) {
            client.ask(ChatRequest.of("tokens-3", "count"));
            pause(20);
        }
        assertThat(simulator.exchanges())
                .extracting(Exchange::connection)
                .containsOnly(simulator.exchanges().get(0).connection());
    }

    @Test
    void noKeyShowsAnywhere() {
        simulator.script("echo", Script.of(Steps.json(401, "{\"error\":{\"message\":\"wrong key " + KEY + "\"}}")));
        assertThatThrownBy(() -> client.ask(ChatRequest.of("echo", "hi")))
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("[key]")
                .hasMessageNotContaining(KEY);
        assertThat(client.toString()).doesNotContain(KEY);
        assertThat(FreshetClient.builder("http://127.0.0.1:1/v1").key(KEY).toString())
                .doesNotContain(KEY);
        assertThat(ChatOptions.DEFAULT.header("X-Key", KEY).toString())
                .doesNotContain(KEY)
                .contains("X-Key");
    }

    @Test
    void whoCannotBeReachedIsTriedAgainAndThenReported() {
        ConcurrentLinkedQueue<ChatState> states = new ConcurrentLinkedQueue<>();
        ChatOptions options = ChatOptions.DEFAULT.retry(
                new Retry(3, Duration.ofMillis(1), Duration.ofMillis(5), Retry.DEFAULT.statuses()));
        try (FreshetClient nowhere = FreshetClient.of("http://127.0.0.1:1/v1", KEY);
                ChatStream stream = nowhere.stream(ChatRequest.of("m", "hi"), options, states::add)) {
            assertThatThrownBy(stream::answer)
                    .isInstanceOf(UnreachableException.class)
                    .hasMessageContaining("cannot be reached");
        }
        assertThat(states).filteredOn(ChatState.Reconnecting.class::isInstance).hasSize(2);
        assertThatThrownBy(() -> FreshetClient.of("ftp://example.com", ""))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> FreshetClient.of("https://me:secret@example.com", ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("secret");
    }

    @Test
    void aListenerThatThrowsEndsItsCallAndNothingElse() throws Exception {
        ChatCall call = client.start(ChatRequest.of("tokens-5000-at-100", "count"), new ChatListener() {
            @Override
            public void onChunk(Chunk chunk) {
                throw new IllegalStateException("mine");
            }
        });
        assertThatThrownBy(() -> call.answer().join())
                .isInstanceOf(CompletionException.class)
                .hasRootCauseMessage("mine");
        simulator.awaitExchange(0, LIMIT).await(Exchange.State.CANCELLED, LIMIT);
        assertThat(client.ask(ChatRequest.of("tokens-2", "count")).text()).isEqualTo("1 2 ");
    }

    @Test
    void aClientOfTheCallersOwnServesToo() {
        HttpClient own = HttpClient.newHttpClient();
        try (FreshetClient mine = FreshetClient.builder(simulator.baseUri().toString())
                .httpClient(own)
                .build()) {
            assertThat(mine.ask(ChatRequest.of("tokens-3", "count")).text()).isEqualTo("1 2 3 ");
            assertThat(mine.models()).contains("demo");
        }
    }
}
