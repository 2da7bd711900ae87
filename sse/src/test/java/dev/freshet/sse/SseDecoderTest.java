package dev.freshet.sse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SseDecoderTest {
    private final SseDecoder decoder = new SseDecoder(100, 100);

    @Test
    void anEventInOneReadIsShownWhereItLies() {
        byte[] read = utf8("event: a\ndata: hello\nid: 1\n\n");
        List<String> seen = new ArrayList<>();
        decoder.feed(read, 0, read.length, event -> {
            assertThat(event.array()).isSameAs(read);
            seen.add(event.offset() + "+" + event.length());
        });
        assertThat(seen).containsExactly("15+5");
    }

    @Test
    void anEventAcrossReadsIsShownFromTheDecodersOwnBytes() {
        byte[] first = utf8("data: hel");
        byte[] second = utf8("lo\n\n");
        decoder.feed(first, 0, first.length, event -> assertThat(event).isNull());
        List<String> seen = new ArrayList<>();
        decoder.feed(second, 0, second.length, event -> {
            assertThat(event.array()).isNotSameAs(second);
            seen.add(new String(event.array(), event.offset(), event.length(), UTF_8));
        });
        assertThat(seen).containsExactly("hello");
    }

    @Test
    void onlyTheGivenPartOfTheArrayIsRead() {
        byte[] bytes = utf8("data: no\n\ndata: yes\n\ndata: no\n\n");
        List<SseEvent> events = new ArrayList<>();
        decoder.feed(bytes, 10, 11, event -> events.add(event.toEvent()));
        assertThat(events).containsExactly(new SseEvent("message", "yes", ""));
        assertThatThrownBy(() -> decoder.feed(bytes, 10, bytes.length, event -> {}))
                .isInstanceOf(IndexOutOfBoundsException.class);
    }

    @Test
    void afterALimitEveryFurtherCallThrowsTheSame() {
        byte[] tooLong = utf8("data: " + "x".repeat(95));
        assertThatThrownBy(() -> decoder.feed(tooLong))
                .isInstanceOfSatisfying(SseLimitException.class, e -> {
                    assertThat(e.limit()).isEqualTo(SseLimitException.Limit.LINE);
                    assertThat(e.maxBytes()).isEqualTo(100);
                })
                .hasMessage("a line of the event stream is longer than the limit of 100 bytes");
        assertThatThrownBy(() -> decoder.feed(utf8("\n\ndata: a\n\n")))
                .isInstanceOf(SseLimitException.class)
                .hasMessage("a line of the event stream is longer than the limit of 100 bytes");
        assertThatThrownBy(() -> decoder.feed(new byte[0])).isInstanceOf(SseLimitException.class);
    }

    @Test
    void anEventOverItsLimitSaysSo() {
        byte[] lines = utf8("data: %s\n".formatted("x".repeat(60)).repeat(2));
        assertThatThrownBy(() -> decoder.feed(lines))
                .isInstanceOfSatisfying(
                        SseLimitException.class, e -> assertThat(e.limit()).isEqualTo(SseLimitException.Limit.EVENT))
                .hasMessage("an event of the stream has more data than the limit of 100 bytes");
    }

    @Test
    void limitsBelowOneAreRefused() {
        assertThatThrownBy(() -> new SseDecoder(0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new SseDecoder(1, -1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void itTellsWhetherSomethingIsUnfinished() {
        assertThat(decoder.midEvent()).isFalse();
        for (String[] step : new String[][] {
            {"da", "true"},
            {"ta: a", "true"},
            {"\n", "true"},
            {"\n", "false"},
            {": ping", "true"},
            {"\n", "false"},
            {"event: x\n", "true"},
            {"\r", "false"},
            {"\n", "false"},
            {"id: 1\n", "true"},
            {"\n", "false"}
        }) {
            decoder.feed(utf8(step[0]));
            assertThat(decoder.midEvent()).as(step[0]).isEqualTo(Boolean.parseBoolean(step[1]));
        }
    }

    @Test
    void theIdIsThatOfCompletedBlocks() {
        decoder.feed(utf8("id: 1\ndata: a\n"));
        assertThat(decoder.lastEventId()).isEmpty();
        decoder.feed(utf8("\nid: 2\n"));
        assertThat(decoder.lastEventId()).isEqualTo("1");
        decoder.feed(utf8("\n"));
        assertThat(decoder.lastEventId()).isEqualTo("2");
    }

    private static byte[] utf8(String text) {
        return text.getBytes(UTF_8);
    }
}
