package dev.freshet.simulator;

import io.netty.channel.ChannelHandlerContext;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;

/// Plays the steps of one answer on its connection's event loop: each write leaves at once, each wait ends when
/// it should.
final class Player {
    /// How long a connection that has vanished is kept.
    private static final int GONE_SECONDS = 60;

    private final ChannelHandlerContext ctx;
    private final Connection connection;
    private final Gates gates;
    private final Exchange exchange;
    private final Iterator<Step> steps;
    private long dueNanos = System.nanoTime();
    private boolean waiting;
    private boolean over;

    Player(ChannelHandlerContext ctx, Gates gates, Exchange exchange, Iterator<Step> steps) {
        this.ctx = ctx;
        connection = new Connection(ctx);
        this.gates = gates;
        this.exchange = exchange;
        this.steps = steps;
    }

    /// Goes on until a wait, a gate, the end, or a socket that takes no more.
    void go() {
        while (!waiting && !over && steps.hasNext() && connection.writable()) play(steps.next());
    }

    private void play(Step step) {
        switch (step) {
            case Step.Send send -> send(send.bytes());
            case Step.Wait wait -> pause(wait.duration().toNanos());
            case Step.Gate gate -> gate(gate.name());
            case Step.End _ -> ended(Exchange.State.COMPLETED);
            case Step.Close _ -> {
                ended(Exchange.State.COMPLETED);
                ctx.channel().close();
            }
            case Step.Drop _ -> drop();
            case Step.Reset _ -> reset();
            case Step.GoAway _ -> connection.goAway();
            case Step.Refuse refuse -> {
                ended(Exchange.State.COMPLETED);
                connection.refuse(refuse.goingAway());
            }
            case Step.Abort _ -> {
                ended(Exchange.State.COMPLETED);
                connection.abort();
            }
            case Step.Hang _ -> waiting = true;
            case Step.Repeat _ -> throw new IllegalStateException("a script's steps are unrolled");
            case Step.Vanish _ -> {
                waiting = true;
                connection.vanish();
                ctx.executor().schedule(this::reset, GONE_SECONDS, TimeUnit.SECONDS);
            }
        }
    }

    private void send(byte[] bytes) {
        exchange.wrote();
        connection.send(bytes);
    }

    private void drop() {
        ended(Exchange.State.COMPLETED);
        connection.drop();
    }

    private void reset() {
        ended(Exchange.State.COMPLETED);
        connection.reset();
    }

    private void pause(long nanos) {
        dueNanos += nanos;
        long left = dueNanos - System.nanoTime();
        if (left <= 0) return;
        waiting = true;
        ctx.executor().schedule(this::goOn, left, TimeUnit.NANOSECONDS);
    }

    private void gate(String name) {
        waiting = true;
        gates.gate(name)
                .thenRun(() -> ctx.executor().execute(() -> {
                    dueNanos = System.nanoTime();
                    goOn();
                }));
    }

    private void goOn() {
        waiting = false;
        go();
    }

    void clientLeft() {
        ended(connection.answered() ? Exchange.State.COMPLETED : Exchange.State.CANCELLED);
    }

    private void ended(Exchange.State how) {
        over = true;
        exchange.ended(how);
    }
}
