package dev.freshet.simulator;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Text as a Brotli stream that compresses nothing: what a decoder must read all the same. Source: RFC 7932,
/// 9.1 and 9.2.
final class Brotli {
    private static final int LARGEST = 1 << 16;

    private Brotli() {}

    /// A stream in pieces, one for each text; each can be read when it has come.
    ///
    /// @throws IllegalArgumentException where a text is empty, or over 64 KiB
    static List<byte[]> pieces(List<String> texts) {
        List<byte[]> pieces = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            byte[] text = texts.get(i).getBytes(StandardCharsets.UTF_8);
            if (text.length == 0 || text.length > LARGEST)
                throw new IllegalArgumentException("a text of " + text.length);
            // A meta-block: not the last (0), its length in four nibbles (00), the length less one, not compressed
            // (1); before the first one, a window of 64 KiB (0).
            int bits = (text.length - 1) << 3 | 1 << 19;
            if (i == 0) bits <<= 1;
            ByteArrayOutputStream piece = new ByteArrayOutputStream();
            for (int shift = 0; shift < 24; shift += 8) piece.write(bits >> shift);
            piece.writeBytes(text);
            // The last meta-block: the last (1), empty (1).
            if (i == texts.size() - 1) piece.write(3);
            pieces.add(piece.toByteArray());
        }
        return pieces;
    }
}
