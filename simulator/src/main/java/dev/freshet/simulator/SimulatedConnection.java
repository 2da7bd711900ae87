package dev.freshet.simulator;

import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// One connection to the simulator, or one stream of it: it reads a request, and plays the answer of the model that was
/// asked for.
final class SimulatedConnection extends SimpleChannelInboundHandler<FullHttpRequest> {
    private final Models models;
    private final Recording recording;
    private final Gates gates;
    private final Meters meters;
    private final @Nullable String key;
    private final Supplier<String> page;
    private final long number;
    private @Nullable Player player;

    /// @param number of the connection
    SimulatedConnection(
            Models models,
            Recording recording,
            Gates gates,
            Meters meters,
            @Nullable String key,
            Supplier<String> page,
            long number) {
        this.models = models;
        this.recording = recording;
        this.gates = gates;
        this.meters = meters;
        this.key = key;
        this.page = page;
        this.number = number;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
        String path = request.uri().replaceFirst("\\?.*", "");
        boolean get = request.method().equals(HttpMethod.GET);
        if (get && path.equals("/health")) play(ctx, Steps.json(200, "{\"status\":\"ok\"}"));
        else if (get && path.equals("/")) play(ctx, text("text/html", page.get()));
        else if (get && path.equals("/ca.pem")) play(ctx, text("application/x-pem-file", Certificates.authority()));
        else if (!authorised(request)) play(ctx, error(401, "Incorrect API key provided.", null, "invalid_api_key"));
        else if (get && path.equals("/metrics")) play(ctx, text("text/plain", meters.metrics()));
        else if (get && path.equals("/user/balance")) play(ctx, Steps.json(200, meters.balance()));
        else if (get && path.endsWith("/models")) play(ctx, Steps.json(200, list()));
        else if (request.method().equals(HttpMethod.POST) && path.endsWith("/chat/completions")) chat(ctx, request);
        else play(ctx, error(404, "Invalid URL (" + request.method() + " " + path + ")", null, null));
    }

    private boolean authorised(FullHttpRequest request) {
        return key == null || ("Bearer " + key).equals(request.headers().get(HttpHeaderNames.AUTHORIZATION));
    }

    private void chat(ChannelHandlerContext ctx, FullHttpRequest request) {
        byte[] body = ByteBufUtil.getBytes(request.content());
        Exchange exchange = new Exchange(number, headers(request), body);
        recording.add(exchange);
        try {
            ChatCall call = ChatCall.parse(body);
            meters.began(exchange, call);
            player =
                    new Player(ctx, gates, exchange, models.script(call.model()).play(call));
        } catch (ChatCall.BadCall e) {
            Step error = error(400, String.valueOf(e.getMessage()), e.param, null);
            player = new Player(
                    ctx, gates, exchange, List.of(error, new Step.End()).iterator());
        }
        player.go();
    }

    private void play(ChannelHandlerContext ctx, Step answer) {
        Exchange unrecorded = new Exchange(number, Map.of(), new byte[0]);
        player = new Player(
                ctx, gates, unrecorded, List.of(answer, new Step.End()).iterator());
        player.go();
    }

    private static Map<String, String> headers(FullHttpRequest request) {
        Map<String, String> headers = new TreeMap<>();
        request.headers().forEach(entry -> headers.put(entry.getKey().toLowerCase(Locale.ROOT), entry.getValue()));
        return headers;
    }

    private String list() {
        Stream<String> faults = Faults.all().stream().flatMap(fault -> Stream.of(fault.name(), fault.alias()));
        return Stream.concat(models.names().stream(), faults)
                .map(name -> "{\"id\":" + Chunks.quoted(name)
                        + ",\"object\":\"model\",\"created\":0,\"owned_by\":\"freshet-simulator\"}")
                .collect(Collectors.joining(",", "{\"object\":\"list\",\"data\":[", "]}"));
    }

    private static Step text(String type, String text) {
        int length = text.getBytes(StandardCharsets.UTF_8).length;
        return Steps.raw("HTTP/1.1 200 OK\r\nContent-Type: " + type + "; charset=utf-8\r\nContent-Length: " + length
                + "\r\n\r\n" + text);
    }

    private static Step error(int status, String message, @Nullable String param, @Nullable String code) {
        return Steps.json(
                status,
                "{\"error\":{\"message\":" + Chunks.quoted(message) + ",\"type\":\"invalid_request_error\",\"param\":"
                        + (param == null ? "null" : Chunks.quoted(param)) + ",\"code\":"
                        + (code == null ? "null" : Chunks.quoted(code)) + "}}");
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (player != null && ctx.channel().isWritable()) player.go();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        if (player != null) player.clientLeft();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        ctx.close();
    }
}
