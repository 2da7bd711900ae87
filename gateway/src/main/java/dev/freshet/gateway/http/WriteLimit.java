package dev.freshet.gateway.http;

import dev.freshet.gateway.net.Loop;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Lets a client go that does not take what waits for it. In each limit it must take all that waited at its beginning,
/// or [#LEAST] bytes: so neither silence nor a byte a second holds a connection, however much is still to come. What
/// lies in the kernel already is the kernel's to limit ([dev.freshet.gateway.net.Transport]). Owned by the channel's
/// loop.
final class WriteLimit {
    /// In bytes. With the usual limit of 30 s it is 1.1 KiB/s, a twentieth of a bad telephone line.
    static final int LEAST = 32 << 10;

    private final Loop loop;
    private final Duration limit;
    private final Consumer<ChannelHandlerContext> letGo;
    private Loop.@Nullable Timer timer;
    private long waited;
    private boolean taken; // all that waited

    /// @param letGo ends the connection
    WriteLimit(Loop loop, Duration limit, Consumer<ChannelHandlerContext> letGo) {
        this.loop = loop;
        this.limit = limit;
        this.letGo = letGo;
    }

    /// Begins to watch, where something waits and it does not watch already. Writes, so not from inside a write.
    void watch(ChannelHandlerContext ctx) {
        if (timer == null && ctx.channel().isActive() && waiting(ctx.channel()) > 0) begin(ctx);
    }

    private void begin(ChannelHandlerContext ctx) {
        waited = waiting(ctx.channel());
        taken = false;
        // An empty write is done when all before it was.
        ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(_ -> taken = true);
        timer = loop.after(limit, () -> judge(ctx));
    }

    private void judge(ChannelHandlerContext ctx) {
        timer = null;
        long left = waiting(ctx.channel());
        if (left == 0 || !ctx.channel().isActive()) return;
        if (taken || waited - left >= LEAST) begin(ctx);
        else letGo.accept(ctx);
    }

    /// How many bytes wait; exact to one.
    private static long waiting(Channel channel) {
        if (channel.isWritable())
            return channel.config().getWriteBufferHighWaterMark() + 1 - channel.bytesBeforeUnwritable();
        return channel.config().getWriteBufferLowWaterMark() + channel.bytesBeforeWritable() - 1;
    }

    void cancel() {
        if (timer != null) timer.cancel();
        timer = null;
    }
}
