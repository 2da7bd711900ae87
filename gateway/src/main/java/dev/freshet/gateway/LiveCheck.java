package dev.freshet.gateway;

import dev.freshet.gateway.config.Config;
import dev.freshet.gateway.dialect.openai.EventMeaning;
import dev.freshet.gateway.dialect.openai.Requests;
import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.FailureCode;
import dev.freshet.gateway.model.Model;
import dev.freshet.gateway.model.Provider;
import dev.freshet.gateway.model.Secret;
import dev.freshet.gateway.model.Target;
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
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Asks each target of a configuration for a token, with each of its keys, all at once; the answer is stopped
/// at its first token. Thread-safe.
public final class LiveCheck implements AutoCloseable {
    private final Config config;
    private final EventLoopGroup loops = Transport.fastest().loops(1);
    private final EventLoop eventLoop = loops.next();
    private final Loop loop = new NettyLoop(eventLoop);
    private final ExecutorService lookUps = Executors.newVirtualThreadPerTaskExecutor();
    private final UpstreamClient upstream;

    /// @param config whose targets are asked
    public LiveCheck(Config config) {
        this.config = config;
        upstream = new UpstreamClient(
                eventLoop, loop, Transport.fastest().channel(), new Names(lookUps), new Tls(), config.proxies());
    }

    /// One target's check.
    ///
    /// @param who the model and its target, for people; never a key
    /// @param finding comes when it is known
    public record Check(String who, CompletableFuture<Finding> finding) {}

    /// What was found.
    public sealed interface Finding {
        /// It answers.
        ///
        /// @param firstToken from the request to the first token, or to the end of an answer without any
        record Answers(Duration firstToken) implements Finding {}

        record Fails(Failure failure) implements Finding {}

        /// It can not be asked from here.
        record NotAsked(String why) implements Finding {}
    }

    /// Begins them all.
    public List<Check> start() {
        List<Check> checks = new ArrayList<>();
        for (Model model : config.models().values()) {
            for (Target target : model.targets()) checks.addAll(checks(model, target));
        }
        return checks;
    }

    private List<Check> checks(Model model, Target target) {
        String name = target.model() == null ? model.name() : target.model();
        String who = model.name() + " -> " + target.provider().name() + "/" + name;
        if (name.equals(Model.ANY)) return List.of(notAsked(who, "its clients name the model"));
        return switch (target.provider().auth()) {
            case Provider.Auth.Caller _ -> List.of(notAsked(who, "it is asked with its clients' keys"));
            case Provider.Auth.None _ -> List.of(new Check(who, ask(model, target, null)));
            case Provider.Auth.Keys(var keys) -> {
                List<Check> each = new ArrayList<>();
                for (int i = 0; i < keys.size(); i++) {
                    String which = keys.size() == 1 ? "" : " (key " + (i + 1) + " of " + keys.size() + ")";
                    each.add(new Check(who + which, ask(model, target, keys.get(i))));
                }
                yield each;
            }
        };
    }

    private static Check notAsked(String who, String why) {
        return new Check(who, CompletableFuture.completedFuture(new Finding.NotAsked(why)));
    }

    private CompletableFuture<Finding> ask(Model model, Target target, @Nullable Secret key) {
        Call call = new Call(
                target,
                Requests.shortest(model.name()).bytesFor(target),
                true,
                model.timeouts(),
                key == null ? null : key.value(),
                config.streams().maxEvent(),
                config.streams().maxEvent());
        CompletableFuture<Finding> finding = new CompletableFuture<>();
        loop.execute(() -> new Asking(finding).begin(call, model.timeouts().total()));
        return finding;
    }

    private final class Asking implements AttemptListener {
        private final CompletableFuture<Finding> finding;
        private final long began = System.nanoTime();
        private @Nullable Attempt attempt;

        Asking(CompletableFuture<Finding> finding) {
            this.finding = finding;
        }

        void begin(Call call, Duration total) {
            Attempt asking = upstream.start(call, this);
            attempt = asking;
            loop.after(total, () -> {
                asking.cancel();
                finding.complete(new Finding.Fails(overtime(total)));
            });
        }

        private static Failure overtime(Duration total) {
            return Failure.of(
                    FailureCode.UPSTREAM_TIMEOUT, "no token within timeouts.total, " + total.toSeconds() + " s");
        }

        private Duration taken() {
            return Duration.ofNanos(System.nanoTime() - began);
        }

        @Override
        public void event(EventView event, EventMeaning meaning) {
            if (meaning != EventMeaning.CONTENT) return;
            finding.complete(new Finding.Answers(taken()));
            if (attempt != null) attempt.cancel();
        }

        @Override
        public void batchEnd() {}

        @Override
        public void whole(byte[] body) {}

        @Override
        public void ended(AttemptEnd end) {
            finding.complete(
                    switch (end) {
                        case AttemptEnd.Completed _ -> new Finding.Answers(taken());
                        case AttemptEnd.Failed failed -> new Finding.Fails(failed.failure());
                    });
        }
    }

    @Override
    public void close() {
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        lookUps.shutdown();
    }
}
