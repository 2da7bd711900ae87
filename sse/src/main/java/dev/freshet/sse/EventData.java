package dev.freshet.sse;

import org.jspecify.annotations.Nullable;

/// The `data` lines of the event that is being read.
///
/// The first line is not copied: it is remembered as a place in the array of the line. It moves into a store of its
/// own when a second line joins it, or when that array is about to be given back.
final class EventData {
    private final int maxBytes;
    private final ByteStore own = new ByteStore();
    private byte @Nullable [] lent; // where the only line lies, if not in our own store
    private int lentOffset;
    private int length; // of the lines and the line feeds between them
    private boolean hasLines;
    private boolean multiline;

    EventData(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    boolean hasLines() {
        return hasLines;
    }

    void addLine(byte[] bytes, int offset, int count) {
        long size = hasLines ? (long) length + 1 + count : count;
        if (size > maxBytes) {
            throw new SseLimitException(SseLimitException.Limit.EVENT, maxBytes);
        }
        if (hasLines) {
            keep();
            own.append((byte) '\n');
            own.append(bytes, offset, count);
            multiline = true;
        } else {
            lent = bytes;
            lentOffset = offset;
            hasLines = true;
        }
        length = (int) size;
    }

    /// Copies what still lies in the array of a line, which may change after this.
    void keep() {
        byte[] source = lent;
        if (source != null) {
            own.append(source, lentOffset, length);
            lent = null;
        }
    }

    void show(EventView view, FieldText id) {
        byte[] source = lent;
        if (source != null) {
            view.show(source, lentOffset, length, false, id);
        } else {
            view.show(own.array(), 0, length, multiline, id);
        }
    }

    void clear() {
        own.clear();
        own.shrink();
        lent = null;
        hasLines = false;
        multiline = false;
    }

    void release() {
        own.release();
        clear();
    }

    int heldBytes() {
        return own.capacity();
    }
}
