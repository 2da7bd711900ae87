package dev.freshet.client;

import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/// Inflates as bytes come (RFC 1950, 1952): each event that was flushed can be read at once. What follows
/// the first member is ignored. Not thread-safe.
final class Inflation {
    /// Takes what was inflated.
    interface Sink {
        void feed(byte[] bytes, int offset, int length);
    }

    private static final int FIXED_HEAD = 10;
    private static final int CRC = 2;
    private static final int EXTRA = 4;
    private static final int NAME = 8;
    private static final int COMMENT = 16;

    private final Inflater inflater;
    private final byte[] out = new byte[8192];
    private int headRead; // bytes of the fixed head; all of them where there is none
    private int flags;
    private int extra = -1; // bytes of the extra field that are to come; -1 before its length
    private int lengthByte = -1; // the first of the two that make that length
    private int crc = 2; // bytes of the head's checksum that are to come

    private Inflation(boolean gzip) {
        inflater = new Inflater(gzip);
        headRead = gzip ? 0 : FIXED_HEAD;
    }

    static Inflation gzip() {
        return new Inflation(true);
    }

    static Inflation deflate() {
        return new Inflation(false);
    }

    void feed(byte[] bytes, int offset, int length, Sink sink) throws DataFormatException {
        int at = offset;
        int end = offset + length;
        while (at < end && inHead()) head(bytes[at++] & 0xff);
        inflater.setInput(bytes, at, end - at);
        while (!inflater.finished()) {
            int count = inflater.inflate(out);
            if (count == 0) return;
            sink.feed(out, 0, count);
        }
    }

    void end() {
        inflater.end();
    }

    private boolean inHead() {
        return headRead < FIXED_HEAD || flags != 0;
    }

    /// One byte of gzip's head.
    private void head(int one) throws DataFormatException {
        if (headRead < FIXED_HEAD) {
            int wanted = headRead == 0 ? 0x1f : headRead == 1 ? 0x8b : headRead == 2 ? 8 : one;
            if (one != wanted) throw new DataFormatException("no gzip");
            if (headRead == 3) flags = one & (CRC | EXTRA | NAME | COMMENT);
            headRead++;
        } else if ((flags & EXTRA) != 0) {
            extra(one);
        } else if ((flags & NAME) != 0) {
            if (one == 0) flags &= ~NAME;
        } else if ((flags & COMMENT) != 0) {
            if (one == 0) flags &= ~COMMENT;
        } else if (--crc == 0) {
            flags = 0;
        }
    }

    private void extra(int one) {
        if (lengthByte < 0) lengthByte = one;
        else if (extra < 0) extra = lengthByte | (one << 8);
        else extra--;
        if (extra == 0) flags &= ~EXTRA;
    }
}
