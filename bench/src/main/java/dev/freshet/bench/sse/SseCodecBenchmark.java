package dev.freshet.bench.sse;

import com.launchdarkly.eventsource.MessageEvent;
import com.launchdarkly.eventsource.ParserBridge;
import com.launchdarkly.eventsource.StreamException;
import dev.freshet.sse.SseDecoder;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import okhttp3.sse.internal.ServerSentEventReader;
import okio.Okio;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/// The time to get one event out of a stream. Every reader starts anew with each stream, has each read's bytes
/// copied into its own buffer once, and hands over what its interface gives: `view` bytes, the others strings.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class SseCodecBenchmark {
    private static final int LIMIT = 1 << 20;

    /// How the stream comes: an event a read, as tokens do; in the payloads of Ethernet packets; in large reads.
    @Param({"event", "1448", "16384"})
    public String reads = "";

    private final byte[] stream = ChatStream.bytes();
    private final byte[] readBuffer = new byte[16 * 1024];
    private int[] ends = {};

    /// Divides the stream.
    @Setup
    public void divide() {
        ends = ChatStream.readEnds(stream, reads);
    }

    /// Ours, the data as bytes where they lie.
    @Benchmark
    @OperationsPerInvocation(ChatStream.EVENTS)
    public void view(Blackhole blackhole) {
        feed(event -> {
            blackhole.consume(event.array());
            blackhole.consume(event.offset() + event.length());
        });
    }

    /// Ours, as an event of strings.
    @Benchmark
    @OperationsPerInvocation(ChatStream.EVENTS)
    public void toEvent(Blackhole blackhole) {
        feed(event -> blackhole.consume(event.toEvent()));
    }

    /// The reader of okhttp-sse.
    @Benchmark
    @OperationsPerInvocation(ChatStream.EVENTS)
    public void okhttp(Blackhole blackhole) throws IOException {
        ServerSentEventReader reader = new ServerSentEventReader(
                Okio.buffer((okio.Source) new PiecewiseStream(stream, ends)), new ServerSentEventReader.Callback() {
                    @Override
                    public void onEvent(@Nullable String id, @Nullable String type, String data) {
                        blackhole.consume(id);
                        blackhole.consume(type);
                        blackhole.consume(data);
                    }

                    @Override
                    public void onRetryChange(long timeMs) {
                        blackhole.consume(timeMs);
                    }
                });
        while (reader.processNextEvent()) {
            // The callback has it.
        }
    }

    /// The parser of LaunchDarkly's okhttp-eventsource.
    @Benchmark
    @OperationsPerInvocation(ChatStream.EVENTS)
    public void launchDarkly(Blackhole blackhole) throws StreamException {
        ParserBridge parser = new ParserBridge(new PiecewiseStream(stream, ends));
        for (int i = 0; i < ChatStream.EVENTS; i++) {
            MessageEvent event = (MessageEvent) parser.next();
            blackhole.consume(event.getEventName());
            blackhole.consume(event.getData());
        }
    }

    private void feed(SseDecoder.Sink sink) {
        SseDecoder decoder = new SseDecoder(LIMIT, LIMIT);
        int from = 0;
        for (int end : ends) {
            System.arraycopy(stream, from, readBuffer, 0, end - from);
            decoder.feed(readBuffer, 0, end - from, sink);
            from = end;
        }
    }
}
