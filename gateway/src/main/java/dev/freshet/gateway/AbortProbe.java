package dev.freshet.gateway;

import dev.freshet.gateway.dialect.openai.ChatRequest;
import dev.freshet.gateway.dialect.openai.EventMeaning;
import dev.freshet.gateway.dialect.openai.Requests;
import dev.freshet.gateway.model.Abort;
import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.Provider;
import dev.freshet.gateway.model.Proxies;
import dev.freshet.gateway.model.Secret;
import dev.freshet.gateway.model.Target;
import dev.freshet.gateway.model.Timeouts;
import dev.freshet.gateway.net.Loop;
import dev.freshet.gateway.net.Names;
import dev.freshet.gateway.net.NettyLoop;
import dev.freshet.gateway.net.Transport;
import dev.freshet.gateway.upstream.Attempt;
import dev.freshet.gateway.upstream.AttemptEnd;
import dev.freshet.gateway.upstream.AttemptListener;
import dev.freshet.gateway.upstream.Call;
import dev.freshet.gateway.upstream.Tls;
import dev.freshet.gateway.upstream.UpstreamClient;
import dev.freshet.sse.EventView;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Finds out whether closing a stream stops a provider's work, and what it bills: by what the provider's own
/// counters say of answers that are read to their end, and then of as many that are closed early. Thread-safe.
public final class AbortProbe implements AutoCloseable {
    private static final int TOKENS = 300;
    private static final int CLOSED_AT = 15;
    private static final int MOST_BYTES = 4 << 20;
    /// How much longer than its answer would have taken a provider may be in counting it.
    private static final Duration MARGIN = Duration.ofSeconds(2);

    /// With less than this part of the rest an answer has stopped; with more it goes on.
    private static final double STOPPED = 0.35;

    private static final double GOES_ON = 0.65;

    private final Provider provider;
    private final String model;
    private final int answers;
    private final ProviderMeters meters;
    private final Duration margin;
    private final EventLoopGroup loops = Transport.fastest().loops(1);
    private final EventLoop eventLoop = loops.next();
    private final Loop loop = new NettyLoop(eventLoop);
    private final ExecutorService lookUps = Executors.newVirtualThreadPerTaskExecutor();
    private final UpstreamClient upstream;

    /// What one of a provider's counters says.
    ///
    /// @param what it counts, for people
    /// @param whole how far it moved for the answers that were read to their end
    /// @param cut how far for those that were closed
    /// @param share of their rest that came all the same, from 0 to 1; outside of that where it is not exact
    public record Measured(String what, double whole, double cut, double share) {
        /// @return null where it is not clear
        public @Nullable Boolean stops() {
            if (whole <= 0) return null;
            return share < STOPPED ? Boolean.TRUE : share > GOES_ON ? Boolean.FALSE : null;
        }
    }

    /// What was found.
    ///
    /// @param read how many tokens a whole answer had
    /// @param closedAt after how many the others were closed
    /// @param generation null where the provider has no such counter
    /// @param billing null where the provider has no such counter
    public record Finding(
            int read,
            int closedAt,
            @Nullable Measured generation,
            @Nullable Measured billing) {
        /// What to configure: billing counts where it is known; of a model server that bills nothing its work
        /// does.
        ///
        /// @return null where nothing is clear
        public @Nullable Abort abort() {
            Measured counts = billing != null ? billing : generation;
            Boolean stops = counts == null ? null : counts.stops();
            return stops == null ? null : stops ? Abort.VERIFIED : Abort.NONE;
        }
    }

    /// The probe itself failed.
    public static final class ProbeException extends Exception {
        private static final long serialVersionUID = 1;

        ProbeException(String message) {
            super(message);
        }
    }

    /// @param model of the provider's, by its name there
    /// @param answers how many are asked for in each round: more where a balance is shown coarsely
    public AbortProbe(Provider provider, String model, int answers, Proxies proxies) {
        this(provider, model, answers, proxies, MARGIN);
    }

    AbortProbe(Provider provider, String model, int answers, Proxies proxies, Duration margin) {
        this.provider = provider;
        this.model = model;
        this.answers = answers;
        this.margin = margin;
        meters = new ProviderMeters(provider, proxies);
        upstream = new UpstreamClient(
                eventLoop, loop, Transport.fastest().channel(), new Names(lookUps), new Tls(), proxies);
    }

    /// Measures. Takes about three times as long as an answer of 300 tokens, and costs two of them for each of
    /// `answers`.
    public Finding run() throws ProbeException, InterruptedException {
        ProviderMeters.Reading first = meters.read();
        if (first.isEmpty())
            throw new ProbeException(provider.name() + " shows neither what it generates (" + meters.metrics()
                    + ") nor a balance (" + meters.balances()
                    + "); compare its own bill by hand, for a thousand answers that are"
                    + " closed early, and say what you found with `abort`");
        long began = System.nanoTime();
        int whole = round(Integer.MAX_VALUE);
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        Thread.sleep(margin);
        ProviderMeters.Reading second = meters.read();
        if (whole < 2 * CLOSED_AT)
            throw new ProbeException("the model " + model + " gave an answer of " + whole
                    + " tokens, which is too short to be closed early; name another with --model");
        int cut = round(CLOSED_AT);
        Thread.sleep(took.plus(margin));
        ProviderMeters.Reading third = meters.read();
        double until = (double) cut / whole;
        return new Finding(
                whole,
                cut,
                measured("generated tokens", second.generated(first), third.generated(second), until),
                measured("balance", second.billed(first), third.billed(second), until));
    }

    private static @Nullable Measured measured(
            String what, @Nullable Double whole, @Nullable Double cut, double until) {
        if (whole == null || cut == null) return null;
        double share = whole <= 0 ? 0 : (cut / whole - until) / (1 - until);
        return new Measured(what, whole, cut, share);
    }

    /// Asks for all answers, one after another.
    ///
    /// @param most how many pieces of each are read
    /// @return how many pieces one had
    private int round(int most) throws ProbeException, InterruptedException {
        int sum = 0;
        for (int i = 0; i < answers; i++) sum += one(most);
        return sum / answers;
    }

    private int one(int most) throws ProbeException, InterruptedException {
        Target target = Target.of(provider, model);
        ChatRequest longest = Requests.shortest(model)
                .changed(
                        "Instead of that, count in words from one to three hundred, without leaving any out.",
                        Map.of("max_tokens", String.valueOf(TOKENS)));
        String bearer = provider.auth() instanceof Provider.Auth.Keys(List<Secret> keys)
                ? keys.getFirst().value()
                : null;
        Call call = new Call(target, longest.bytesFor(target), true, Timeouts.DEFAULT, bearer, MOST_BYTES, MOST_BYTES);
        Reading reading = new Reading(most);
        loop.execute(() -> reading.begin(call));
        Object read = reading.read.join();
        if (read instanceof Failure failure) throw new ProbeException(failure.message());
        return (Integer) read;
    }

    /// Reads one answer, or its beginning.
    private final class Reading implements AttemptListener {
        private final CompletableFuture<Object> read = new CompletableFuture<>(); // pieces, or a failure
        private final int most;
        private int pieces;
        private @Nullable Attempt attempt;

        Reading(int most) {
            this.most = most;
        }

        void begin(Call call) {
            attempt = upstream.start(call, this);
        }

        @Override
        public void event(EventView event, EventMeaning meaning) {
            if (meaning != EventMeaning.CONTENT || ++pieces != most) return;
            if (attempt != null) attempt.cancel();
            read.complete(pieces);
        }

        @Override
        public void batchEnd() {}

        @Override
        public void whole(byte[] body) {}

        @Override
        public void ended(AttemptEnd end) {
            read.complete(end instanceof AttemptEnd.Failed failed ? failed.failure() : Integer.valueOf(pieces));
        }
    }

    @Override
    public void close() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        lookUps.shutdown();
    }
}
