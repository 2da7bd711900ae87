package dev.freshet.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.gateway.Gateway;
import dev.freshet.simulator.Exchange;
import dev.freshet.simulator.FaultAddress;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Where nothing answers, where what answers falls silent, and what a failure says.
class FailuresWireTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final ChatOptions ONCE = ChatOptions.DEFAULT
            .idle(Duration.ofMillis(500))
            .retry(new Retry(1, Duration.ofMillis(1), Duration.ofMillis(1), Retry.DEFAULT.statuses()));

    @TempDir
    Path folder;

    private Simulator simulator;
    private FreshetClient client;

    @BeforeEach
    void start() throws IOException {
        simulator = Simulator.builder().recording(true).faultAddresses(true).start();
        simulator.script("held", Script.of(Steps.head(), Steps.text("1 "), Steps.hang()));
        client = FreshetClient.of(simulator.baseUri().toString(), "sk-any");
    }

    @AfterEach
    void stop() {
        client.close();
        simulator.close();
    }

    /// Rows 1 to 3 of the failure model; the limit on connecting is what ends one of them.
    @Test
    void whereNoConnectionCanBeMadeNothingIsSent() {
        List<FaultAddress> addresses = simulator.addresses();
        assertThat(addresses).extracting(FaultAddress::name).contains("refused", "no-answer", "stranger");
        for (FaultAddress address : addresses)
            try (FreshetClient there = FreshetClient.builder(address.base().toString())
                    .connect(Duration.ofMillis(300))
                    .build()) {
                assertThatThrownBy(() -> there.ask(ChatRequest.of("held", "count"), ONCE))
                        .as("%s", address)
                        .isInstanceOfSatisfying(UnreachableException.class, failure -> {
                            assertThat(failure.code()).isEqualTo("unreachable");
                            assertThat(failure.text()).isEmpty();
                        });
            }
        assertThat(simulator.exchanges()).isEmpty();
    }

    @Test
    void theIdleLimitFiresInEachFace() throws Exception {
        ChatRequest request = ChatRequest.of("held", "count");
        assertThatThrownBy(() -> client.ask(request, ONCE)).satisfies(FailuresWireTest::isIdle);
        assertThatThrownBy(() -> client.start(request, ONCE, new ChatListener() {})
                        .answer()
                        .get(20, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .satisfies(thrown -> isIdle(thrown.getCause()));
        CompletableFuture<Throwable> published = new CompletableFuture<>();
        client.publisher(request, ONCE).subscribe(new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription subscription) {
                subscription.request(Long.MAX_VALUE);
            }

            @Override
            public void onNext(Chunk chunk) {}

            @Override
            public void onError(Throwable thrown) {
                published.complete(thrown);
            }

            @Override
            public void onComplete() {
                published.completeExceptionally(new AssertionError("a stalled answer is complete"));
            }
        });
        isIdle(published.get(20, TimeUnit.SECONDS));
        for (Exchange exchange : simulator.exchanges()) exchange.await(Exchange.State.CANCELLED, LIMIT);
    }

    private static void isIdle(@Nullable Throwable thrown) {
        assertThat(thrown).isInstanceOfSatisfying(TimeLimitException.class, late -> {
            assertThat(late.limit()).isEqualTo(TimeLimitException.Limit.IDLE);
            assertThat(late.text()).isEqualTo("1 ");
        });
    }

    /// A reader that is inside of a read ends when another thread cancels.
    @Test
    void aReaderThatWaitsIsFreedByAnotherThreadsCancel() throws Exception {
        ChatStream stream = client.stream(ChatRequest.of("held", "count"));
        Iterator<String> text = stream.text().iterator();
        assertThat(text.next()).isEqualTo("1 ");
        CompletableFuture<Boolean> more = new CompletableFuture<>();
        Thread reader = Thread.ofPlatform().start(() -> more.complete(text.hasNext()));
        Eventually.is("the reader waits", () -> reader.getState() == Thread.State.WAITING);
        stream.cancel();
        assertThat(more.get(20, TimeUnit.SECONDS)).isFalse();
        simulator.awaitExchange(0, LIMIT).await(Exchange.State.CANCELLED, LIMIT);
    }

    @Test
    void aRetryAfterIsWaitedForAndBounded() {
        ConcurrentLinkedQueue<ChatState> states = new ConcurrentLinkedQueue<>();
        Retry patient = new Retry(2, Duration.ofMillis(1), Duration.ofSeconds(5), Retry.DEFAULT.statuses());
        try (ChatStream stream =
                client.stream(ChatRequest.of("fault-9", "count"), ChatOptions.DEFAULT.retry(patient), states::add)) {
            assertThatThrownBy(stream::answer).isInstanceOf(RateLimitedException.class);
        }
        assertThat(states)
                .filteredOn(ChatState.Reconnecting.class::isInstance)
                .singleElement()
                .isInstanceOfSatisfying(ChatState.Reconnecting.class, again -> {
                    assertThat(again.in()).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
                    assertThat(again.cause()).isInstanceOf(RateLimitedException.class);
                });
        assertThatThrownBy(() -> client.ask(ChatRequest.of("fault-9-absurd", "count")))
                .isInstanceOfSatisfying(
                        RateLimitedException.class,
                        limited -> assertThat(limited.retryAfter()).hasValue(Duration.ofSeconds(999_999_999)));
    }

    @Test
    void aFailureSaysWhatTheServerSaid() throws IOException {
        Gateway gateway = Gateways.before(simulator.baseUri().toString(), folder, 0, "first_token: 10s, idle: 10s", "");
        // Without ids the gateway answers with a status; with them, in the stream.
        ChatOptions plain = ONCE.resume(false);
        try (FreshetClient through = FreshetClient.of(Gateways.base(gateway), "")) {
            assertThatThrownBy(() -> through.ask(ChatRequest.of("status-400", "count"), plain))
                    .isInstanceOfSatisfying(RefusedException.class, refused -> {
                        assertThat(refused.status()).isEqualTo(400);
                        assertThat(refused.code()).isEqualTo("upstream_rejected");
                        assertThat(refused.requestId()).isNotEmpty();
                        assertThat(refused.retryable()).isFalse();
                    });
            assertThatThrownBy(() -> through.ask(ChatRequest.of("fault-11", "count"), plain))
                    .isInstanceOfSatisfying(RateLimitedException.class, limited -> {
                        assertThat(limited.code()).isEqualTo("upstream_rate_limited");
                        assertThat(limited.status()).isEqualTo(429);
                        assertThat(limited.retryable()).isTrue();
                        assertThat(limited.text()).isEqualTo("1 2 3 4 5 ");
                    });
        } finally {
            gateway.close();
        }
    }
}
