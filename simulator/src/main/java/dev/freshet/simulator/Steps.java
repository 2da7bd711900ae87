package dev.freshet.simulator;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// The steps that scripts are mostly made of. Stateless.
public final class Steps {
    private static final String CRLF = "\r\n";

    private Steps() {}

    /// The head of an event stream, in chunks.
    public static Step head() {
        return head(200, "Content-Type: text/event-stream; charset=utf-8", "Transfer-Encoding: chunked");
    }

    /// A head with a status and header lines.
    public static Step head(int status, String... lines) {
        String headers = lines.length == 0 ? "" : String.join(CRLF, lines) + CRLF;
        return raw("HTTP/1.1 " + status + " " + reason(status) + CRLF + headers + CRLF);
    }

    /// A whole JSON answer.
    public static Step json(int status, String body, String... lines) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        String more = lines.length == 0 ? "" : String.join(CRLF, lines) + CRLF;
        return raw("HTTP/1.1 " + status + " " + reason(status) + CRLF + "Content-Type: application/json" + CRLF + more
                + "Content-Length: " + bytes.length + CRLF + CRLF + body);
    }

    /// Text as it is, in one write.
    public static Step raw(String text) {
        return new Step.Send(text.getBytes(StandardCharsets.UTF_8));
    }

    /// Text as one chunk of the body.
    public static Step chunk(String text) {
        return new Step.Send(chunked(text.getBytes(StandardCharsets.UTF_8)));
    }

    /// Bytes as one chunk of the body.
    public static Step chunk(byte[] bytes) {
        return new Step.Send(chunked(bytes));
    }

    /// An event with one line of data, as one chunk.
    public static Step event(String data) {
        return chunk("data: " + data + "\n\n");
    }

    /// A piece of an answer's text, as OpenAI streams it.
    public static Step text(String text) {
        return event(Chunks.SCRIPTED.text(0, text));
    }

    /// The role that an answer begins with.
    public static Step role() {
        return event(Chunks.SCRIPTED.role(0));
    }

    /// The reason why an answer ended.
    public static Step finish(String reason) {
        return event(Chunks.SCRIPTED.finish(0, reason));
    }

    /// `[DONE]`.
    public static Step done() {
        return event("[DONE]");
    }

    /// The end of a body in chunks.
    public static Step lastChunk() {
        return raw("0" + CRLF + CRLF);
    }

    /// A text in pieces of so many bytes, each a chunk of its own and a write of its own, a little apart.
    public static List<Step> split(String text, int size) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        List<Step> steps = new ArrayList<>();
        for (int from = 0; from < bytes.length; from += size) {
            steps.add(chunk(Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + size))));
            steps.add(new Step.Wait(Duration.ofMillis(1)));
        }
        return steps;
    }

    public static Step pause(Duration duration) {
        return new Step.Wait(duration);
    }

    public static Step gate(String name) {
        return new Step.Gate(name);
    }

    /// Closes the connection: the client sees a FIN.
    public static Step close() {
        return new Step.Close();
    }

    /// Closes the connection with a reset.
    public static Step reset() {
        return new Step.Reset();
    }

    /// Does nothing until the client leaves.
    public static Step hang() {
        return new Step.Hang();
    }

    /// Closes the connection without saying so in TLS.
    public static Step drop() {
        return new Step.Drop();
    }

    /// Does nothing, and does not notice that the client leaves.
    public static Step vanish() {
        return new Step.Vanish();
    }

    /// Says that the connection takes no more requests.
    public static Step goAway() {
        return new Step.GoAway();
    }

    /// Refuses the request with a reset.
    public static Step refuse() {
        return new Step.Refuse(false);
    }

    /// Refuses the request, and all that follow on this connection.
    public static Step refuseAll() {
        return new Step.Refuse(true);
    }

    /// Resets the stream.
    public static Step abort() {
        return new Step.Abort();
    }

    /// Does several steps for ever.
    public static Step forEver(Step... steps) {
        return new Step.Repeat(List.of(steps), Step.Repeat.FOR_EVER);
    }

    private static byte[] chunked(byte[] bytes) {
        byte[] head = (Integer.toHexString(bytes.length) + CRLF).getBytes(StandardCharsets.US_ASCII);
        byte[] all = new byte[head.length + bytes.length + 2];
        System.arraycopy(head, 0, all, 0, head.length);
        System.arraycopy(bytes, 0, all, head.length, bytes.length);
        all[all.length - 2] = '\r';
        all[all.length - 1] = '\n';
        return all;
    }

    private static String reason(int status) {
        return HttpResponseStatus.valueOf(status).reasonPhrase();
    }
}
