package dev.freshet.gateway.http;

import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.stream.StreamLog;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// A stream's state, and its end by its owner's wish. On the connection's loop; the log's own loop is asked.
final class StateRoutes {
    private StateRoutes() {}

    /// `GET /v1/streams/{id}`.
    static Route state(StreamAccess streams) {
        return (request, _, response) -> streams.find(request, new OnLog(streams, response) {
            @Override
            void onLog(StreamLog log) {
                byte[] state = log.state();
                answer(200, state, log);
            }
        });
    }

    /// `DELETE /v1/streams/{id}`: 202 where it ran, 200 where it had ended.
    static Route stop(StreamAccess streams) {
        return (request, _, response) -> streams.find(request, new OnLog(streams, response) {
            @Override
            void onLog(StreamLog log) {
                boolean ran = log.stop();
                answer(ran ? 202 : 200, log.state(), log);
            }
        });
    }

    private abstract static class OnLog implements StreamAccess.Found {
        private final StreamAccess streams;
        private final Response response;

        OnLog(StreamAccess streams, Response response) {
            this.streams = streams;
            this.response = response;
        }

        abstract void onLog(StreamLog log);

        @Override
        public final void log(StreamLog log) {
            log.loop().execute(() -> onLog(log));
        }

        @Override
        public final void failure(Failure failure) {
            response.fail(failure);
        }

        final void answer(int status, byte[] state, StreamLog log) {
            byte[] json = withToken(state, log);
            response.onLoop(() -> response.json(status, json));
        }

        /// The state with a token to read the stream with, which the state that readers see has not.
        private byte[] withToken(byte[] state, StreamLog log) {
            long expires = log.head().created() + streams.limits().tokenSeconds();
            String token = streams.tokens().issue(log.id(), expires);
            byte[] member = (",\"token\":{\"value\":\"" + token + "\",\"expires\":" + expires + "}}")
                    .getBytes(StandardCharsets.US_ASCII);
            byte[] json = Arrays.copyOf(state, state.length - 1 + member.length);
            System.arraycopy(member, 0, json, state.length - 1, member.length);
            return json;
        }
    }
}
