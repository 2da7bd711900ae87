package dev.freshet.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.util.concurrent.Flow;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.testng.ITestResult;
import org.testng.TestListenerAdapter;
import org.testng.TestNG;

/// The publisher, by the Reactive Streams project's own verification.
class ReactiveStreamsTest {
    private static Simulator simulator;
    private static FreshetClient client;

    @BeforeAll
    static void start() throws IOException {
        simulator = Simulator.builder().start();
        simulator.script(
                "elements",
                call -> Stream.concat(
                                Stream.concat(
                                        Stream.of(Steps.head()),
                                        Stream.generate(() -> Steps.text("x")).limit(Long.parseLong(call.prompt()))),
                                Stream.of(Steps.done(), Steps.lastChunk()))
                        .iterator());
        client = FreshetClient.of(simulator.baseUri().toString(), "");
    }

    @AfterAll
    static void stop() {
        client.close();
        simulator.close();
    }

    /// Run by TestNG, which the verification is written for.
    public static final class Verification extends FlowPublisherVerification<Chunk> {
        private static final long MOST = Long.MAX_VALUE - 1;

        public Verification() {
            super(new TestEnvironment(1_000, 200));
        }

        @Override
        public long maxElementsFromPublisher() {
            return MOST;
        }

        @Override
        public Flow.Publisher<Chunk> createFlowPublisher(long elements) {
            return client.publisher(ChatRequest.of("elements", String.valueOf(elements)));
        }

        @Override
        public Flow.Publisher<Chunk> createFailedFlowPublisher() {
            return client.publisher(ChatRequest.of("status-400", "fail"));
        }
    }

    @Test
    void thePublisherIsOneOfReactiveStreams() {
        TestNG tests = new TestNG(false);
        TestListenerAdapter seen = new TestListenerAdapter();
        tests.setTestClasses(new Class<?>[] {Verification.class});
        tests.addListener(seen);
        tests.run();
        assertThat(seen.getFailedTests())
                .extracting(result -> result.getName() + ": " + result.getThrowable())
                .isEmpty();
        assertThat(seen.getPassedTests()).hasSizeGreaterThan(20);
        // Left out are several subscribers, which are optional, and what the project cannot test itself.
        assertThat(seen.getSkippedTests())
                .extracting(ITestResult::getName)
                .allMatch(name -> name.matches("(optional|untested)_.*"));
    }
}
