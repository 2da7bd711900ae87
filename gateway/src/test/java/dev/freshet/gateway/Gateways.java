package dev.freshet.gateway;

import dev.freshet.gateway.access.Admission;
import dev.freshet.gateway.access.Caller;
import dev.freshet.gateway.config.Config;
import dev.freshet.gateway.config.ConfigFile;
import dev.freshet.gateway.config.Environment;
import dev.freshet.gateway.model.Allowance;
import dev.freshet.gateway.model.Owner;
import dev.freshet.gateway.net.Loop;
import dev.freshet.gateway.net.NettyLoop;
import dev.freshet.gateway.net.Transport;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;

/// Gateways for tests.
final class Gateways {
    private static final int LOOPS = 2;

    private Gateways() {}

    /// A gateway with one event loop, so that connections to providers are used again in a known order.
    static Gateway withOneLoop(String yaml) throws IOException {
        return with(yaml, 1, NettyLoop::new);
    }

    /// A gateway to which so many seconds pass in one.
    static Gateway inFastTime(String yaml, int times) throws IOException {
        return with(yaml, LOOPS, eventLoop -> new FastLoop(new NettyLoop(eventLoop), times));
    }

    private record FastLoop(Loop real, int times) implements Loop {
        @Override
        public void execute(Runnable task) {
            real.execute(task);
        }

        @Override
        public Timer after(Duration delay, Runnable task) {
            return real.after(delay.dividedBy(times), task);
        }

        @Override
        public long nanoTime() {
            return real.nanoTime() * times;
        }
    }

    /// A gateway with two event loops, whatever the machine has, to which each Bearer is an owner of its own.
    static Gateway withOwners(String yaml) throws IOException {
        return with(yaml, LOOPS, NettyLoop::new);
    }

    /// The same, of a configuration that lies in a folder.
    static Gateway withOwners(String yaml, Path folder) throws IOException {
        String name = folder.resolve("freshet.yaml").toString();
        return with(ConfigFile.parse(yaml, name, new Environment(Map.of())), LOOPS, NettyLoop::new);
    }

    private static Gateway with(String yaml, int loops, Function<EventLoop, Loop> time) throws IOException {
        return with(ConfigFile.parse(yaml, "freshet.yaml", new Environment(Map.of())), loops, time);
    }

    private static Gateway with(Config config, int loops, Function<EventLoop, Loop> time) throws IOException {
        Gateway gateway = Gateway.listening(
                config,
                null,
                Transport.fastest(),
                loops,
                (bearer, _) -> new Admission.Admitted(
                        bearer == null
                                ? Caller.ANYONE
                                : new Caller(new Owner(bearer), null, null, Allowance.ALL, null)),
                time);
        gateway.ready();
        return gateway;
    }
}
