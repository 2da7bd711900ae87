package dev.freshet.sse;

/// The event that is being delivered: its data as UTF-8 bytes, where they already lie. Valid only inside
/// [SseDecoder.Sink#event]; the decoder reuses the view and the bytes. [#toEvent] makes a copy that stays.
///
/// Not thread-safe. Nobody may write into [#array]: it may be the array that was fed.
public final class EventView {
    private static final byte[] NONE = {};

    private final FieldText type;
    private FieldText id;
    private byte[] array = NONE;
    private int offset;
    private int length;
    private boolean multiline;

    EventView(FieldText type, FieldText id) {
        this.type = type;
        this.id = id;
    }

    /// The array that the data lies in, from [#offset] on, [#length] bytes long. The bytes are those of the stream:
    /// malformed UTF-8 is not replaced.
    public byte[] array() {
        return array;
    }

    /// Where the data begins.
    public int offset() {
        return offset;
    }

    /// The data's length in bytes; may be 0.
    public int length() {
        return length;
    }

    /// Whether the data has more than one line, which is to say: holds a line feed.
    public boolean multiline() {
        return multiline;
    }

    /// Whether the type is this one, which must be ASCII. Makes no string.
    public boolean hasType(String ascii) {
        return type.isEmpty() ? ascii.equals("message") : type.is(ascii);
    }

    /// The event's type; `message` where the stream named none.
    public String type() {
        return type.isEmpty() ? "message" : type.text();
    }

    /// The last id that the stream has given, this event's included; empty where none.
    public String lastEventId() {
        return id.text();
    }

    /// A copy that stays valid, with malformed UTF-8 replaced by U+FFFD.
    public SseEvent toEvent() {
        return new SseEvent(type(), Utf8.decode(array, offset, length), lastEventId());
    }

    void show(byte[] array, int offset, int length, boolean multiline, FieldText id) {
        this.array = array;
        this.offset = offset;
        this.length = length;
        this.multiline = multiline;
        this.id = id;
    }

    /// Lets go of the array, which may be large, or somebody else's.
    void hide() {
        array = NONE;
        offset = 0;
        length = 0;
    }
}
