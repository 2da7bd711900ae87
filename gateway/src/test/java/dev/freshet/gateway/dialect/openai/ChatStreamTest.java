package dev.freshet.gateway.dialect.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.sse.SseDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChatStreamTest {
    private final ChatStream stream = new ChatStream();

    private EventMeaning look(String data) {
        return look("", data);
    }

    private EventMeaning look(String type, String data) {
        List<EventMeaning> found = new ArrayList<>();
        byte[] block = ((type.isEmpty() ? "" : "event: " + type + "\n") + "data: " + data + "\n\n")
                .getBytes(StandardCharsets.UTF_8);
        new SseDecoder(1 << 20, 1 << 20).feed(block, 0, block.length, event -> found.add(stream.look(event)));
        assertThat(found).hasSize(1);
        return found.getFirst();
    }

    private static String chunk(String delta, String rest) {
        return "{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":"
                + delta + rest + "}]}";
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"content":"a"}                                  | CONTENT
            {"content" : "a"}                                | CONTENT
            {"content":""}                                   | OTHER
            {"content":null}                                 | OTHER
            {"role":"assistant","content":""}                | OTHER
            {"role":"assistant"}                             | OTHER
            {}                                               | OTHER
            {"reasoning_content":"hm"}                       | CONTENT
            {"content":null,"reasoning_content":"hm"}        | CONTENT
            {"reasoning":"hm"}                               | CONTENT
            {"refusal":"no"}                                 | CONTENT
            {"tool_calls":[{"index":0,"function":{"arguments":"{"}}]} | CONTENT
            {"tool_calls":[]}                                | OTHER
            {"audio":{"data":"AAAA"}}                        | CONTENT
            {"content":[{"type":"text","text":"a"}]}         | CONTENT
            {"unknown":{"content":"a"}}                      | OTHER
            """)
    void contentIsAnyNonEmptyDelta(String delta, EventMeaning meaning) {
        assertThat(look(chunk(delta, ""))).isEqualTo(meaning);
        assertThat(look(chunk(delta, ",\"finish_reason\":null"))).isEqualTo(meaning);
    }

    @Test
    void doneIsDoneAndComplete() {
        assertThat(stream.complete()).isFalse();
        assertThat(look("[DONE]")).isEqualTo(EventMeaning.DONE);
        assertThat(stream.complete()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {"error":{"message":"m"}}
            {"error":"overloaded"}
            {"object":"error","message":"m"}
            {"id":"x","error":{"code":429},"choices":[]}
            """)
    void aFailureIsSeenInEveryShape(String data) {
        assertThat(look(data)).isEqualTo(EventMeaning.ERROR);
    }

    @Test
    void anEventNamedErrorIsOneWhateverItHolds() {
        assertThat(look("error", "busy")).isEqualTo(EventMeaning.ERROR);
    }

    @Test
    void anErrorMemberThatIsNullIsNone() {
        assertThat(look("{\"error\":null,\"choices\":[{\"delta\":{\"content\":\"a\"}}]}"))
                .isEqualTo(EventMeaning.CONTENT);
    }

    @Test
    void theWordsOfAnErrorInsideTheTextAreText() {
        assertThat(look(chunk("{\"content\":\"\\\"error\\\": {} [DONE] \\\"finish_reason\\\":\\\"stop\\\"\"}", "")))
                .isEqualTo(EventMeaning.CONTENT);
        assertThat(stream.complete()).isFalse();
    }

    @Test
    void anAnswerIsCompleteWhenEveryChoiceThatWasSeenIsFinished() {
        look("{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}");
        look("{\"choices\":[{\"index\":1,\"delta\":{\"content\":\"b\"}}]}");
        look("{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}");
        assertThat(stream.complete()).isFalse();
        look("{\"choices\":[{\"index\":1,\"delta\":{},\"finish_reason\":\"length\"}]}");
        assertThat(stream.complete()).isTrue();
    }

    @Test
    void aFinishReasonIsSeenBehindTextsOfOneShape() {
        for (int i = 0; i < 5; i++)
            assertThat(look(chunk("{\"content\":\"t" + i + "\"}", ",\"finish_reason\":null")))
                    .isEqualTo(EventMeaning.CONTENT);
        assertThat(stream.complete()).isFalse();
        look(chunk("{\"content\":\"last\"}", ",\"finish_reason\":\"stop\""));
        assertThat(stream.complete()).isTrue();
    }

    @Test
    void aTextOfTheLearntShapeThatIsEmptyIsNoContent() {
        look(chunk("{\"content\":\"a\"}", ""));
        assertThat(look(chunk("{\"content\":\"\"}", ""))).isEqualTo(EventMeaning.OTHER);
    }

    /// The bytes before and after are those of a plain text, but the string in between ends early.
    @Test
    void aShapeDoesNotHideAMemberBehindTheText() {
        look(chunk("{\"content\":\"a\"}", ",\"finish_reason\":null"));
        String forged =
                chunk("{\"content\":\"a\"},\"finish_reason\":\"stop\",\"x\":{\"y\":\"b\"}", ",\"finish_reason\":null");
        look(forged.replace(",\"finish_reason\":null}]}", "}]}"));
        assertThat(stream.complete()).isTrue();
    }

    @Test
    void textsWithEscapesAreTheSameShape() {
        look(chunk("{\"content\":\"a\"}", ""));
        assertThat(look(chunk("{\"content\":\"\\\"\"}", ""))).isEqualTo(EventMeaning.CONTENT);
        assertThat(look(chunk("{\"content\":\"\\\\\"}", ""))).isEqualTo(EventMeaning.CONTENT);
        assertThat(look(chunk("{\"content\":\"é\\n\\u00e9\"}", ""))).isEqualTo(EventMeaning.CONTENT);
    }

    @Test
    void whatIsNoJsonIsPassedOnAndCounted() {
        assertThat(look("{broken")).isEqualTo(EventMeaning.OTHER);
        assertThat(stream.unreadable()).isEqualTo(1);
        assertThat(look("7")).isEqualTo(EventMeaning.OTHER);
    }

    @Test
    void usageBehindTheTextIsLookedAtEachTime() {
        assertThat(look("{\"choices\":[],\"usage\":{\"total_tokens\":3}}")).isEqualTo(EventMeaning.OTHER);
        assertThat(look(chunk("{\"content\":\"a\"}", ""))).isEqualTo(EventMeaning.CONTENT);
    }
}
