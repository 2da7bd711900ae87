package dev.freshet.gateway.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import org.jspecify.annotations.Nullable;

/// Builds a connection's pipeline: HTTP/1.1, with TLS or without; or HTTP/2, where the client asks for that in
/// the TLS handshake. Above the codecs both look alike.
final class ClientPipeline {
    private static final int MAX_LINE = 8 << 10;

    private ClientPipeline() {}

    /// @param tls null for plain HTTP
    static void build(Channel channel, Server server, @Nullable SslContext tls) {
        if (tls == null) http1(channel.pipeline(), server);
        else secured(channel, server, tls);
    }

    private static void secured(Channel channel, Server server, SslContext tls) {
        SslHandler handler = tls.newHandler(channel.alloc());
        handler.setHandshakeTimeoutMillis(server.limits().headTimeout().toMillis());
        channel.pipeline().addLast(handler, new Negotiated(server));
    }

    private static void http1(ChannelPipeline pipeline, Server server) {
        HttpDecoderConfig limits =
                StrictRequestDecoder.limits(MAX_LINE, server.limits().header());
        pipeline.addLast(new StrictRequestDecoder(limits), new HttpResponseEncoder(), new HttpConnection(server));
    }

    private static void http2(ChannelPipeline pipeline, Server server) {
        Http2FrameCodec codec = StrictHttp2Codec.of(server.limits().header());
        pipeline.addLast(codec, new Http2Session(server, codec), new Http2MultiplexHandler(new Streams(server)));
    }

    private static final class Negotiated extends ApplicationProtocolNegotiationHandler {
        private final Server server;

        Negotiated(Server server) {
            super(ApplicationProtocolNames.HTTP_1_1);
            this.server = server;
        }

        @Override
        protected void configurePipeline(ChannelHandlerContext ctx, String protocol) {
            if (protocol.equals(ApplicationProtocolNames.HTTP_2)) http2(ctx.pipeline(), server);
            else http1(ctx.pipeline(), server);
        }

        /// Who ends its side of the connection in the middle of the handshake will not finish that.
        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
            if (event instanceof ChannelInputShutdownEvent) ctx.close();
            super.userEventTriggered(ctx, event);
        }

        @Override
        protected void handshakeFailure(ChannelHandlerContext ctx, Throwable cause) {
            ClientChannel.failed(cause);
            ctx.close();
        }
    }

    private static final class Streams extends ChannelInitializer<Channel> {
        private final Server server;

        Streams(Server server) {
            this.server = server;
        }

        @Override
        protected void initChannel(Channel stream) {
            stream.pipeline().addLast(new Http2StreamFrameToHttpObjectCodec(true), new HttpStream(server));
        }
    }
}
