package dev.freshet.bench.sse;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/// A streamed answer as OpenAI writes it, and the pieces in which a network would give it.
final class ChatStream {
    /// How many events a stream has, its last one included.
    static final int EVENTS = 1000;

    private static final String[] TOKENS = {
        " the",
        " stream",
        ",",
        " and",
        " \\\"event",
        "s\\\"",
        " of",
        " a",
        "\\n\\n",
        " river",
        " flows",
        ".",
        " caf\u00e9",
        " \u6d41",
        " over",
        " stones",
        " in",
        " spring",
        " when",
        " snow",
        " melts",
        " upstream"
    };

    private ChatStream() {}

    /// The whole stream; the same at every call.
    static byte[] bytes() {
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        for (int i = 0; i < EVENTS - 1; i++) {
            String token = TOKENS[i % TOKENS.length];
            stream.writeBytes(chunk(token, "x".repeat(2 + i % 11)).getBytes(UTF_8));
        }
        stream.writeBytes("data: [DONE]\n\n".getBytes(UTF_8));
        return stream.toByteArray();
    }

    /// Where each read ends: after every event where `reads` is `event`, else after so many bytes.
    static int[] readEnds(byte[] stream, String reads) {
        int[] ends = reads.equals("event") ? eventEnds(stream) : equalPieces(stream.length, Integer.parseInt(reads));
        if (ends[ends.length - 1] != stream.length) {
            throw new IllegalStateException("the reads do not cover the stream");
        }
        return ends;
    }

    private static String chunk(String content, String obfuscation) {
        return """
                data: {"id":"chatcmpl-Cb3xYq8h2kV0dWcJm5sT7uNfR1pLe","object":"chat.completion.chunk",\
                "created":1763870400,"model":"gpt-4o-2024-08-06","service_tier":"default",\
                "system_fingerprint":"fp_cbf1785567","choices":[{"index":0,"delta":{"content":"%s"},\
                "logprobs":null,"finish_reason":null}],"obfuscation":"%s"}

                """.formatted(content, obfuscation);
    }

    private static int[] eventEnds(byte[] stream) {
        int[] ends = new int[EVENTS];
        int count = 0;
        for (int i = 1; i < stream.length; i++) {
            if (stream[i] == '\n' && stream[i - 1] == '\n') {
                ends[count++] = i + 1;
            }
        }
        return Arrays.copyOf(ends, count);
    }

    private static int[] equalPieces(int length, int piece) {
        int[] ends = new int[(length + piece - 1) / piece];
        Arrays.setAll(ends, i -> Math.min(length, (i + 1) * piece));
        return ends;
    }
}
