package dev.freshet.bench.sse;

import static org.assertj.core.api.Assertions.assertThat;

import com.launchdarkly.eventsource.MessageEvent;
import com.launchdarkly.eventsource.ParserBridge;
import com.launchdarkly.eventsource.StreamException;
import dev.freshet.sse.SseDecoder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import okhttp3.sse.internal.ServerSentEventReader;
import okio.Okio;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReadersAgreeTest {
    private static final int LIMIT = 1 << 20;

    private final byte[] stream = ChatStream.bytes();

    @ParameterizedTest
    @ValueSource(strings = {"event", "1448", "16384"})
    void allReadersThatAreMeasuredGetTheSameDataFromTheSameReads(String reads) throws Exception {
        int[] ends = ChatStream.readEnds(stream, reads);
        List<String> ours = ours(ends);
        assertThat(ours).hasSize(ChatStream.EVENTS).endsWith("[DONE]");
        assertThat(okhttp(ends)).isEqualTo(ours);
        assertThat(launchDarkly(ends)).isEqualTo(ours);
    }

    private List<String> ours(int[] ends) {
        List<String> data = new ArrayList<>();
        SseDecoder decoder = new SseDecoder(LIMIT, LIMIT);
        int from = 0;
        for (int end : ends) {
            decoder.feed(
                    stream, from, end - from, event -> data.add(event.toEvent().data()));
            from = end;
        }
        return data;
    }

    private List<String> okhttp(int[] ends) throws IOException {
        List<String> found = new ArrayList<>();
        ServerSentEventReader reader = new ServerSentEventReader(
                Okio.buffer((okio.Source) new PiecewiseStream(stream, ends)), new ServerSentEventReader.Callback() {
                    @Override
                    public void onEvent(@Nullable String id, @Nullable String type, String data) {
                        found.add(data);
                    }

                    @Override
                    public void onRetryChange(long timeMs) {}
                });
        while (reader.processNextEvent()) {
            assertThat(found).isNotEmpty();
        }
        return found;
    }

    private List<String> launchDarkly(int[] ends) throws StreamException {
        List<String> data = new ArrayList<>();
        ParserBridge parser = new ParserBridge(new PiecewiseStream(stream, ends));
        for (int i = 0; i < ChatStream.EVENTS; i++) {
            data.add(((MessageEvent) parser.next()).getData());
        }
        return data;
    }
}
