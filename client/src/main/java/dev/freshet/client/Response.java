package dev.freshet.client;

import dev.freshet.sse.EventView;
import dev.freshet.sse.SseDecoder;
import dev.freshet.sse.SseLimitException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One response, read as an answer. Touched in the call's [Serial] only.
final class Response implements Reading.Owner {
    /// Who asked. After [#closeNow] or [#leave] it hears nothing more.
    interface Owner {
        /// An answer begins.
        void opened(String streamId);

        void chunk(Chunk chunk);

        /// `[DONE]`, or the end of an answer that came as a whole.
        void done();

        /// The state of the stream at its end, from a Freshet gateway.
        void ended(Map<String, @Nullable Object> state);

        /// The server says that it failed, in the stream.
        void failed(ServerError error);

        /// The server did not answer with an answer.
        void refused(int status, HttpHeaders headers, byte[] body);

        /// What came is no answer.
        void nonsense(String what);

        /// The bytes have ended, or broke off.
        void lost(@Nullable Throwable cause);

        /// Everything of one read was handled.
        void handled();
    }

    private static final int MOST_OF_ERROR = 64 << 10;
    private static final byte[] DONE = {'[', 'D', 'O', 'N', 'E', ']'};

    private final Owner owner;
    private final Session session;
    private final ChunkReader chunks;
    private final int maxEventBytes;
    private final int attempt;
    private final Reading reading;
    private @Nullable Body body;
    private String requestId = "";
    private int status;
    private boolean events; // the body is a stream of them
    private boolean numbered; // by a Freshet gateway
    private String cursor;
    private boolean asked = true; // a read is under way
    private boolean over;

    /// @param cursor the last event that came before this response; empty where none did
    Response(
            Owner owner,
            Session session,
            Serial serial,
            ChunkReader chunks,
            ChatOptions options,
            int attempt,
            String cursor) {
        this.owner = owner;
        this.session = session;
        this.chunks = chunks;
        this.attempt = attempt;
        this.cursor = cursor;
        maxEventBytes = options.maxEventBytes;
        reading = new Reading(this, serial);
    }

    void start(HttpRequest request) {
        reading.start(session.http, request);
    }

    /// Closes the connection. Any thread may do that.
    void close() {
        reading.cancel();
    }

    /// Closes the connection, and says nothing more.
    void closeNow() {
        over = true;
        reading.cancel();
    }

    /// Says nothing more, and leaves the connection to whoever comes next.
    void leave() {
        over = true;
        reading.drain(asked);
    }

    /// Takes one read more, where none is under way.
    void more() {
        if (asked || over) return;
        asked = true;
        reading.more();
    }

    boolean asked() {
        return asked;
    }

    /// Whether the head has come.
    boolean hasHead() {
        return status != 0;
    }

    /// The last event that came, to go on behind it.
    String cursor() {
        return cursor;
    }

    ChatException.Facts facts() {
        return new ChatException.Facts("", status, requestId, true, null);
    }

    @Override
    public void head(Reading from, HttpResponse.ResponseInfo head) {
        if (over) return;
        HttpHeaders headers = head.headers();
        status = head.statusCode();
        requestId = Failures.requestId(headers);
        String stream = headers.firstValue("Freshet-Stream").orElse("");
        numbered = !stream.isEmpty();
        String coding = headers.firstValue("Content-Encoding")
                .orElse("")
                .toLowerCase(Locale.ROOT)
                .trim();
        try {
            body = Body.decoding(coding, body(headers));
        } catch (Body.BodyException e) {
            owner.nonsense(String.valueOf(e.getMessage()));
            return;
        }
        if (status == 200) owner.opened(stream);
    }

    private Body body(HttpHeaders headers) {
        if (status != 200) return Body.beginning(MOST_OF_ERROR, said -> owner.refused(status, headers, said));
        String type = headers.firstValue("Content-Type").orElse("").toLowerCase(Locale.ROOT);
        if (type.startsWith("application/json")) return Body.whole(maxEventBytes, this::whole);
        if (!type.startsWith("text/event-stream") && !type.isEmpty())
            throw new Body.BodyException("the server sent " + type + ", and no event stream");
        events = true;
        SseDecoder decoder = new SseDecoder(maxEventBytes, maxEventBytes);
        return (bytes, offset, length) -> decoder.feed(bytes, offset, length, this::event);
    }

    @Override
    public void read(Reading from, byte[] bytes) {
        if (over) return;
        asked = false;
        Body taking = body;
        try {
            if (taking != null) taking.feed(bytes, 0, bytes.length);
        } catch (SseLimitException e) {
            if (!over) owner.nonsense("an event is over " + maxEventBytes + " bytes (maxEventBytes)");
        } catch (Body.BodyException e) {
            owner.nonsense(String.valueOf(e.getMessage()));
        }
        if (!over) owner.handled();
    }

    @Override
    public void ended(Reading from, @Nullable Throwable cause) {
        if (over) return;
        Body taking = body;
        if (taking != null && (cause == null || status != 200)) taking.end();
        if (!over) owner.lost(cause);
    }

    private void event(EventView event) {
        if (over) return;
        if (numbered) {
            String id = event.lastEventId();
            if (!id.isEmpty()) cursor = id;
            if (event.hasType("end")) {
                Map<String, @Nullable Object> state =
                        Json.object(event.toEvent().data());
                owner.ended(state == null ? Map.of() : state);
                return;
            }
        }
        if (isDone(event)) owner.done();
        else said(chunks.read(event, numbered ? cursor : "", attempt), event.hasType("message"));
    }

    private void said(ChunkReader.Said said, boolean unnamed) {
        if (said instanceof ChunkReader.Said.Piece piece) owner.chunk(piece.chunk());
        else if (said instanceof ChunkReader.Said.Failed failed) owner.failed(failed.error());
        else if (unnamed) owner.nonsense("an event is no JSON object");
        // events of other types than ours are somebody else's
    }

    /// An answer in one body, though a stream was asked for.
    private void whole(byte[] json) {
        said(chunks.read(json, 0, json.length, false, "", attempt), true);
        if (!over) owner.done();
    }

    private static boolean isDone(EventView event) {
        if (event.length() != DONE.length) return false;
        for (int i = 0; i < DONE.length; i++) if (event.array()[event.offset() + i] != DONE[i]) return false;
        return true;
    }

    /// Whether this is a stream of events.
    boolean streams() {
        return events;
    }
}
