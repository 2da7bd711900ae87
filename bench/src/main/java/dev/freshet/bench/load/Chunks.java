package dev.freshet.bench.load;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// The provider's bytes: the head and the role-only chunk, a token (232 bytes of JSON), the end. Each event
/// is an HTTP chunk of its own, as providers write them.
final class Chunks {
    /// More than any of these takes.
    static final int MOST = 1024;

    private static final byte[] HEAD = ascii(("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                    + "Cache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n")
            + event(delta("bench", "{\"role\":\"assistant\",\"content\":\"\"}", "null")));
    private static final byte[] TOKEN = ascii(event(delta("bench", "{\"content\":\"" + Mark.BLANK + "\"}", "null")));
    private static final byte[] FINISH = ascii(event(delta(Mark.BLANK, "{}", "\"stop\"")));
    private static final byte[] USAGE = ascii(event("{\"id\":\"chatcmpl-b7d1f0c2a9e84e53\","
            + "\"object\":\"chat.completion.chunk\",\"created\":1760000000,\"model\":\"bench\",\"choices\":[],"
            + "\"usage\":{\"prompt_tokens\":110,\"completion_tokens\":500,\"total_tokens\":610}}"));
    private static final byte[] END = ascii(event("[DONE]") + "0\r\n\r\n");
    private static final int TOKEN_MARK = markIn(TOKEN);
    private static final int FINISH_MARK = markIn(FINISH);

    private Chunks() {}

    static void head(ByteBuffer out) {
        out.put(HEAD);
    }

    static void token(ByteBuffer out, int number, long stamp) {
        int at = out.position();
        out.put(TOKEN);
        Mark.put(out, at + TOKEN_MARK, Mark.TOKEN, number, stamp);
    }

    /// The finish chunk, what the answer takes, where that was asked for, `[DONE]` and the body's end.
    static void end(ByteBuffer out, int total, boolean usage) {
        int at = out.position();
        out.put(FINISH);
        if (usage) out.put(USAGE);
        out.put(END);
        Mark.put(out, at + FINISH_MARK, Mark.END, total, 0);
    }

    private static String delta(String fingerprint, String delta, String finish) {
        return ("{\"id\":\"chatcmpl-b7d1f0c2a9e84e53\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,"
                        + "\"model\":\"bench\",\"system_fingerprint\":\"%s\","
                        + "\"choices\":[{\"index\":0,\"delta\":%s,\"logprobs\":null,\"finish_reason\":%s}]}")
                .formatted(fingerprint, delta, finish);
    }

    private static String event(String data) {
        String event = "data: " + data + "\n\n";
        return Integer.toHexString(event.length()) + "\r\n" + event + "\r\n";
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static int markIn(byte[] bytes) {
        return new String(bytes, StandardCharsets.US_ASCII).indexOf(Mark.START);
    }
}
