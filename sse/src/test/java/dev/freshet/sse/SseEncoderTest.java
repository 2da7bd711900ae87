package dev.freshet.sse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SseEncoderTest {
    private static final int ENOUGH = 1 << 20;

    @Test
    void anEventIsWrittenWithItsIdItsTypeAndABlankLine() {
        assertThat(encoded("ping", "a", "7")).isEqualTo("id: 7\nevent: ping\ndata: a\n\n");
        assertThat(encoded("message", "a", "7")).isEqualTo("id: 7\ndata: a\n\n");
        assertThat(encoded("message", "", "")).isEqualTo("id: \ndata: \n\n");
    }

    @Test
    void everyLineBreakInDataBecomesADataLine() {
        assertThat(encoded("", "a\nb\r\nc\rd\n\re\n", "1"))
                .isEqualTo("id: 1\ndata: a\ndata: b\ndata: c\ndata: d\ndata: \ndata: e\ndata: \n\n");
    }

    @Test
    void dataThatBeginsWithASpaceKeepsIt() {
        SseEvent event = new SseEvent("message", " a\n  b", "");
        assertThat(decode(SseEncoder.encode(event))).containsExactly(event);
    }

    @Test
    void noDataCanForgeAFieldOrAnEvent() {
        String attack = "event: admin\nid: 9\nretry: 1\n: c\n\ndata: forged\n\nevent: admin";
        for (String lineEnd : List.of("\n", "\r", "\r\n")) {
            String data = "a" + lineEnd + attack.replace("\n", lineEnd);
            Recording read = Recording.of(SseEncoder.encode(new SseEvent("t", data, "1")), ENOUGH, ENOUGH);
            assertThat(read.events()).containsExactly(new SseEvent("t", "a\n" + attack, "1"));
            assertThat(read.comments()).isZero();
            assertThat(read.retries()).isEmpty();
        }
    }

    @Test
    void anIdOrTypeThatWouldForgeAFieldIsRefused() {
        for (String lineBreak : List.of("\n", "\r", "\r\n")) {
            assertThatThrownBy(() -> SseEncoder.encode(new SseEvent("a" + lineBreak + "data: x", "d", "1")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("take out its CR and LF");
            assertThatThrownBy(() -> SseEncoder.encode(new SseEvent("a", "d", "1" + lineBreak + "data: x")))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("take out its CR and LF");
        }
        assertThatThrownBy(() -> SseEncoder.idLine("1\0"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("take it out");
        assertThat(new String(SseEncoder.typeLine("a\u2028b\u0085"), UTF_8)).isEqualTo("event: a\u2028b\u0085\n");
    }

    @Test
    void commentsStayComments() {
        assertThat(new String(SseEncoder.comment("a\r\ndata: b\r\rc"), UTF_8)).isEqualTo(": a\n: data: b\n: \n: c\n");
        assertThat(Recording.of(SseEncoder.comment("\ndata: x\n\n"), ENOUGH, ENOUGH)
                        .comments())
                .isEqualTo(4);
        assertThat(Recording.of(SseEncoder.HEARTBEAT.getBytes(UTF_8), ENOUGH, ENOUGH)
                        .comments())
                .isEqualTo(1);
    }

    @Test
    void reconnectionTimesAreReadBack() {
        for (long millis : new long[] {0, 3000, SseDecoder.MAX_RETRY_MILLIS}) {
            assertThat(Recording.of(SseEncoder.retry(millis), ENOUGH, ENOUGH).retries())
                    .containsExactly(millis);
        }
        assertThatThrownBy(() -> SseEncoder.retry(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SseEncoder.retry(SseDecoder.MAX_RETRY_MILLIS + 1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void dataLinesAreWrittenIntoTheMiddleOfAnArray() {
        byte[] data = "__a\nb__".getBytes(UTF_8);
        int length = SseEncoder.dataLinesLength(data, 2, 3);
        byte[] target = "#".repeat(length + 2).getBytes(UTF_8);
        assertThat(SseEncoder.putDataLines(data, 2, 3, target, 1)).isEqualTo(length + 1);
        assertThat(new String(target, UTF_8)).isEqualTo("#data: a\ndata: b\n#");
    }

    @Test
    void encodingWhatWasDecodedGivesTheSameEvents() throws IOException {
        for (ConformanceCase aCase : ConformanceCase.all().toList()) {
            List<SseEvent> events = aCase.expected().events();
            assertThat(decode(encode(events))).as("%s", aCase).isEqualTo(events);
        }
        Random random = Seed.random("encodingWhatWasDecodedGivesTheSameEvents");
        for (int round = 0; round < 20_000; round++) {
            List<SseEvent> events =
                    Recording.of(StreamSoup.stream(random), ENOUGH, ENOUGH).events();
            assertThat(decode(encode(events))).isEqualTo(events);
        }
    }

    @Test
    void decodingWhatWasEncodedGivesTheSameEventsWithLineFeeds() {
        Random random = Seed.random("decodingWhatWasEncodedGivesTheSameEvents");
        for (int round = 0; round < 20_000; round++) {
            SseEvent event = randomEvent(random);
            String data = event.data().replace("\r\n", "\n").replace('\r', '\n');
            String type = event.type().isEmpty() ? "message" : event.type();
            assertThat(decode(SseEncoder.encode(event))).containsExactly(new SseEvent(type, data, event.lastEventId()));
        }
    }

    private static SseEvent randomEvent(Random random) {
        String type = StreamSoup.text(random).replaceAll("[\r\n]", "");
        String id = StreamSoup.text(random).replaceAll("[\r\n\0]", "");
        return new SseEvent(type, StreamSoup.text(random), id);
    }

    private static byte[] encode(List<SseEvent> events) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        events.forEach(event -> bytes.writeBytes(SseEncoder.encode(event)));
        return bytes.toByteArray();
    }

    private static List<SseEvent> decode(byte[] bytes) {
        return new ArrayList<>(new SseDecoder(ENOUGH, ENOUGH).feed(bytes));
    }

    private static String encoded(String type, String data, String id) {
        return new String(SseEncoder.encode(new SseEvent(type, data, id)), UTF_8);
    }
}
