package dev.freshet.sse;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.Random;

/// Random streams made of what matters to a decoder: line ends, colons, field names, digits, byte order marks, cut
/// characters.
final class StreamSoup {
    private static final String[] PIECES = {
        "\n", "\n", "\r", "\r\n", "\n\n", "data", "data:", "data: ", "event: ", "event", "id: ", "id", "retry: ",
                "retry",
        ":", " ", "\0", "7", "99999999999", "x", "\u00e9", "\u4f60", "\ud83d\ude00", "\u2028", "\u0085", "\uFEFF", "\t",
                "\u000b",
        "a longer piece, so that the words of the scan are filled: 0123456789"
    };

    private StreamSoup() {}

    static byte[] stream(Random random) {
        ByteArrayOutputStream soup = new ByteArrayOutputStream();
        if (random.nextInt(4) == 0) {
            soup.writeBytes("\uFEFF".getBytes(UTF_8));
        }
        for (int pieces = random.nextInt(40); pieces > 0; pieces--) {
            if (random.nextInt(6) == 0) {
                soup.write(random.nextInt(256));
            } else {
                soup.writeBytes(PIECES[random.nextInt(PIECES.length)].getBytes(UTF_8));
            }
        }
        return soup.toByteArray();
    }

    /// Text with everything that an encoder could stumble over.
    static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int pieces = random.nextInt(8); pieces > 0; pieces--) {
            text.append(PIECES[random.nextInt(PIECES.length)]);
        }
        return text.toString();
    }
}
