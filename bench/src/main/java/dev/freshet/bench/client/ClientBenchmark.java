package dev.freshet.bench.client;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// What it takes to read a token from a socket, decode it, and hand its text to the caller. One answer after
/// another over a kept connection; what a request takes is shared by its tokens.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
public class ClientBenchmark {
    static final int TOKENS = 2_000;

    /// Ours twice, then the others.
    static final List<Contender.Kind> KINDS = Stream.concat(
                    Stream.of(new Contender.Kind("Freshet, blocking", BlockingContender::new)), Contender.ALL.stream())
            .toList();

    private final long length = (long) TOKENS * PouringServer.token(0).length();

    /// A contender's name.
    @Param({"Freshet", "Freshet, blocking", "okhttp-sse", "LaunchDarkly", "openai-java", "langchain4j"})
    public String client = "";

    @SuppressWarnings("NullAway.Init") // set up by JMH
    private PouringServer server;

    @SuppressWarnings("NullAway.Init") // set up by JMH
    private Contender contender;

    /// Begins a trial.
    @Setup
    public void start() throws IOException {
        server = new PouringServer(TOKENS);
        contender = KINDS.stream()
                .filter(kind -> kind.name().equals(client))
                .findFirst()
                .orElseThrow()
                .of()
                .apply(server.base(), Duration.ofSeconds(30));
    }

    /// Ends a trial.
    @TearDown
    public void stop() throws IOException {
        contender.close();
        server.close();
    }

    /// One answer.
    @Benchmark
    @OperationsPerInvocation(TOKENS)
    public long token() throws ExecutionException, InterruptedException {
        long[] came = {0};
        contender.start("deepseek-chat", text -> came[0] += text.length()).end().get();
        if (came[0] != length) throw new IllegalStateException(client + " gave " + came[0] + " characters");
        return came[0];
    }
}
