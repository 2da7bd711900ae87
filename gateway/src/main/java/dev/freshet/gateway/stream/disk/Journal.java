package dev.freshet.gateway.stream.disk;

import dev.freshet.gateway.stream.EntryKind;
import dev.freshet.gateway.stream.LogCursor;
import dev.freshet.gateway.stream.StreamHead;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The records of the journal: what happened to running streams since the last commit, all together in one
/// value of the database. Records of a stream that is opened again replace what came before.
final class Journal {
    private static final int OPEN = 'O';
    private static final int NOTE = 'N';
    private static final int ENTRIES = 'E';
    /// Kind and length stand before each entry, as in memory.
    static final int ENTRY_HEADER = 5;

    private Journal() {}

    static void open(Bytes out, long number, StreamHead head, byte @Nullable [] request) {
        out.put(OPEN);
        out.putLong(number);
        value(out, Heads.write(head));
        out.put(request == null ? 0 : 1);
        if (request != null) value(out, request);
    }

    static void note(Bytes out, long number, byte[] note) {
        out.put(NOTE);
        out.putLong(number);
        value(out, note);
    }

    /// Writes the entries behind the cursor, which moves onto the last of them.
    static void entries(Bytes out, long number, LogCursor cursor, long last) {
        out.put(ENTRIES);
        out.putLong(number);
        int length = out.length();
        out.putInt(0);
        entries(out, cursor, last);
        out.setInt(length, out.length() - length - Integer.BYTES);
    }

    static void entries(Bytes out, LogCursor cursor, long last) {
        while (cursor.next(last)) {
            out.put(cursor.kind().ordinal());
            out.putInt(cursor.length());
            out.put(cursor.array(), cursor.offset(), cursor.length());
        }
    }

    private static void value(Bytes out, byte[] value) {
        out.putInt(value.length);
        out.put(value, 0, value.length);
    }

    /// A stream, as the journal tells of it.
    static final class Told {
        final long number;
        final StreamHead head;
        final byte @Nullable [] request;
        final List<byte[]> notes = new ArrayList<>();
        /// Pieces of entries, one behind another.
        final List<byte[]> entries = new ArrayList<>();

        /// The group in which it was opened last.
        final long group;

        private Told(long number, StreamHead head, byte @Nullable [] request, long group) {
            this.number = number;
            this.head = head;
            this.request = request;
            this.group = group;
        }
    }

    /// Reads one group's records on top of what earlier groups told.
    static void read(byte[] group, long id, Map<Long, Told> told) {
        ByteBuffer in = ByteBuffer.wrap(group);
        while (in.hasRemaining()) {
            int kind = in.get();
            long number = in.getLong();
            switch (kind) {
                case OPEN -> {
                    StreamHead head = Heads.read(value(in));
                    byte[] request = in.get() == 0 ? null : value(in);
                    told.remove(number); // so that it stands behind those that were opened before
                    told.put(number, new Told(number, head, request, id));
                }
                case NOTE -> {
                    byte[] note = value(in);
                    if (told.containsKey(number)) told.get(number).notes.add(note);
                }
                case ENTRIES -> {
                    byte[] entries = value(in);
                    if (told.containsKey(number)) told.get(number).entries.add(entries);
                }
                default -> throw new IllegalArgumentException("no record begins with " + kind);
            }
        }
    }

    static Map<Long, Told> nothing() {
        return new LinkedHashMap<>();
    }

    private static byte[] value(ByteBuffer in) {
        byte[] value = new byte[in.getInt()];
        in.get(value);
        return value;
    }

    /// Told of entries, one after another.
    interface EntrySink {
        void entry(EntryKind kind, byte[] array, int offset, int length);
    }

    static void readEntries(byte[] piece, EntrySink sink) {
        ByteBuffer in = ByteBuffer.wrap(piece);
        while (in.hasRemaining()) {
            EntryKind kind = EntryKind.numbered(in.get());
            int length = in.getInt();
            sink.entry(kind, piece, in.position(), length);
            in.position(in.position() + length);
        }
    }
}
