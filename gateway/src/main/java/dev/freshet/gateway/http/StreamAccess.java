package dev.freshet.gateway.http;

import dev.freshet.gateway.access.Callers;
import dev.freshet.gateway.access.ReadTokens;
import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.FailureCode;
import dev.freshet.gateway.model.Owner;
import dev.freshet.gateway.model.StreamId;
import dev.freshet.gateway.net.Loop;
import dev.freshet.gateway.stream.LogStore;
import dev.freshet.gateway.stream.Lookup;
import dev.freshet.gateway.stream.StreamLog;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// Finds the stream that a request names, for who may see it. Another owner's stream is answered like one
/// that does not exist. Owned by one loop.
record StreamAccess(LogStore store, Loop loop, Callers callers, ReadTokens tokens, Limits limits) {

    /// @param tokenSeconds how long a read token is good for, from the stream's beginning on
    /// @param readersPerStream how many may read one stream at once
    record Limits(long tokenSeconds, int readersPerStream) {}

    /// What became of a request for a stream.
    interface Found {
        void log(StreamLog log);

        void failure(Failure failure);
    }

    /// Looks for the stream of the request's path, for the owner of its key.
    void find(Request request, Found found) {
        Owner owner = request.caller().owner();
        look(request, found, owner::equals, _ -> true);
    }

    /// The same, where a read token will do as well. An invalid one does not, whatever key comes with it.
    void findToRead(Request request, Found found) {
        String token = request.parameter("token");
        if (token == null) {
            find(request, found);
            return;
        }
        String id = request.segment(2);
        boolean valid = StreamId.isOne(id) && tokens.valid(token, new StreamId(id), now());
        // A token dies with the key that began its stream.
        look(request, found, _ -> valid, log -> callers.stillGood(log.head().key()));
    }

    private void look(Request request, Found found, Predicate<Owner> may, Predicate<StreamLog> still) {
        String id = request.segment(2);
        if (!StreamId.isOne(id)) {
            found.failure(unknown());
            return;
        }
        Consumer<Lookup> answer = lookup -> {
            switch (lookup) {
                case Lookup.Present(StreamLog log)
                when may.test(log.head().owner()) && still.test(log) -> found.log(log);
                case Lookup.Expired(Owner of) when may.test(of) -> found.failure(expired());
                default -> found.failure(unknown());
            }
        };
        store.find(new StreamId(id), loop, answer);
    }

    long now() {
        return System.currentTimeMillis() / 1000;
    }

    private static Failure unknown() {
        return Failure.of(
                FailureCode.STREAM_NOT_FOUND,
                "There is no such stream, or it is not yours; its id is in the Freshet-Stream header of the answer that"
                        + " began it.");
    }

    private static Failure expired() {
        return Failure.of(
                        FailureCode.STREAM_EXPIRED,
                        "This stream ended, and is no longer kept (streams.keep); ask again.")
                .asNotToBeRepeated();
    }
}
