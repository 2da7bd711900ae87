package dev.freshet.gateway.dialect.openai;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class TranscriptTest {
    private static Transcript of(byte[]... events) {
        Transcript transcript = new Transcript();
        for (byte[] event : events) transcript.add(event, 0, event.length);
        return transcript;
    }

    private static byte[] chunk(String choices) {
        return ("{\"id\":\"x\",\"choices\":[" + choices + "],\"usage\":null}").getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void theTextsOfEachChoiceArePutTogether() {
        Transcript transcript = of(
                chunk("{\"delta\":{\"content\":\"a\"},\"index\":0},{\"index\":1,\"delta\":{\"content\":\"x\"}}"),
                chunk("{\"index\":1,\"delta\":{\"content\":\"y\"}}"),
                chunk("{\"index\":0,\"delta\":{\"content\":\"b\",\"role\":\"assistant\"}}"));
        assertThat(transcript.answers()).isEqualTo(List.of("ab", "xy"));
        assertThat(transcript.thoughts()).isEmpty();
    }

    /// Chunks that are alike but for the text are not parsed; what they say is the same.
    @Test
    void textsAreTheSameWhetherTheyAreParsedOrNot() {
        List<String> texts = List.of(
                "one",
                " two\n",
                "\"quoted\" \\ / \t\r\b\f",
                "na\u00efve \u20ac",
                "\ud83d\ude00",
                " ",
                "{\"a\":1}",
                "\u0001");
        Transcript alike = new Transcript();
        Transcript parsed = new Transcript();
        int number = 0;
        for (String text : texts) {
            for (String quoted : List.of(Requests.quoted(text), escaped(text))) {
                byte[] same = chunk("{\"index\":0,\"delta\":{\"content\":" + quoted + "}}");
                byte[] other = chunk("{\"x\":" + number++ + ",\"index\":0,\"delta\":{\"content\":" + quoted + "}}");
                alike.add(same, 0, same.length);
                parsed.add(other, 0, other.length);
            }
        }
        String whole = texts.stream().map(text -> text + text).reduce("", String::concat);
        assertThat(alike.answers()).isEqualTo(List.of(whole));
        assertThat(parsed.answers()).isEqualTo(List.of(whole));
    }

    /// Every character as an escape.
    private static String escaped(String text) {
        StringBuilder out = new StringBuilder("\"");
        text.chars().forEach(c -> out.append("\\u%04x".formatted(c)));
        return out.append('"').toString();
    }

    @Test
    void thoughtsAndAnswersThatAreAlikeStayApart() {
        Transcript transcript = of(
                chunk("{\"index\":0,\"delta\":{\"reasoning\":\"a\"}}"),
                chunk("{\"index\":0,\"delta\":{\"reasoning\":\"b\"}}"),
                chunk("{\"index\":0,\"delta\":{\"content\":\"c\"}}"),
                chunk("{\"index\":0,\"delta\":{\"content\":\"d\"}}"),
                chunk("{\"index\":1,\"delta\":{\"content\":\"e\"}}"),
                chunk("{\"index\":0,\"delta\":{\"content\":\"f\"}}"));
        assertThat(transcript.thoughts()).isEqualTo(List.of("ab"));
        assertThat(transcript.answers()).isEqualTo(List.of("cdf", "e"));
    }

    @Test
    void thoughtsAndCallsAreRead() {
        Transcript transcript = of(
                chunk("{\"index\":0,\"delta\":{\"reasoning_content\":\"hm\",\"reasoning\":\"hm\"}}"),
                chunk("{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"call_1\",\"type\":\"function\","
                        + "\"function\":{\"name\":\"look\",\"arguments\":\"{\\\"a\\\":1}\"}}]}}"),
                chunk("{\"index\":0,\"delta\":{\"content\":null,\"refusal\":\"no\"}}"));
        assertThat(transcript.thoughts()).isEqualTo(List.of("hm"));
        assertThat(transcript.answers()).isEqualTo(List.of("look{\"a\":1}no"));
    }

    @Test
    void aWholeAnswerIsReadToo() {
        assertThat(of(chunk("{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"whole\"}}"))
                        .answers())
                .isEqualTo(List.of("whole"));
    }

    @Test
    void whatIsNotUtf8OrNoJsonDoesNoHarm() {
        byte[] bad = chunk("{\"index\":0,\"delta\":{\"content\":\"a??b\"}}");
        for (int i = 0; i < bad.length; i++) if (bad[i] == '?') bad[i] = (byte) 0xff;
        assertThat(of(bad, "{\"choices\":[{\"del".getBytes(StandardCharsets.UTF_8), chunk("7"))
                        .answers())
                .isEqualTo(List.of("a\ufffd\ufffdb"));
    }

    @Test
    void aPromptIsWhatTheModelReads() {
        String body = """
                {"model":"m","messages":[{"role":"system","content":"be brief"},
                 {"role":"user","content":[{"type":"text","text":"what is this?"},
                   {"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]},
                 {"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]}],
                 "tools":[{"type":"function"}],"max_tokens":5}""";
        PromptText prompt = PromptText.read(body.getBytes(StandardCharsets.UTF_8));
        assertThat(prompt.text()).isEqualTo("be brief\nwhat is this?\nf\n{}\n[{\"type\":\"function\"}]\n");
        assertThat(prompt.messages()).isEqualTo(3);
        assertThat(prompt.pictures()).isEqualTo(1);
    }
}
