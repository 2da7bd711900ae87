package dev.freshet.gateway.dialect.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.model.Abort;
import dev.freshet.gateway.model.Provider;
import dev.freshet.gateway.model.Target;
import java.net.URI;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestsTest {
    private static final Provider PROVIDER = new Provider(
            "p",
            URI.create("http://p.example/v1"),
            new Provider.Auth.None(),
            Map.of(),
            null,
            null,
            false,
            Abort.NONE,
            false);

    private static ChatRequest good(String body) {
        return switch (Requests.parse(body.getBytes(StandardCharsets.UTF_8))) {
            case Requests.Parsed.Good good -> good.request();
            case Requests.Parsed.Bad bad ->
                throw new AssertionError(bad.failure().message());
        };
    }

    private static String sent(String body, Target target) {
        return new String(good(body).bytesFor(target), StandardCharsets.UTF_8);
    }

    private static Target target(
            @Nullable String model, Map<String, String> set, List<String> drop, Map<String, String> rename) {
        return new Target(PROVIDER, model, set, drop, rename, 0);
    }

    @Test
    void whatNeedNotChangeGoesOnAsItCame() {
        String body = " {\"model\" : \"m\",\n \"stream\":true, \"x\": [1, {\"y\": \"\\u00e9 }\"}] } ";
        assertThat(sent(body, Target.of(PROVIDER, null))).isEqualTo(body);
        assertThat(sent(body, Target.of(PROVIDER, "m"))).isEqualTo(body);
        assertThat(good(body).stream()).isTrue();
    }

    @Test
    void anotherModelIsSplicedIntoTheBytes() {
        String body =
                "{\"messages\": [ {\"role\":\"user\", \"content\":\"é \\\"model\\\": 1e5\"} ], \"model\": \"m\", \"n\":1.50, \"z\":null}";
        assertThat(sent(body, Target.of(PROVIDER, "big \"one\"")))
                .isEqualTo(
                        "{\"messages\":[ {\"role\":\"user\", \"content\":\"é \\\"model\\\": 1e5\"} ],\"model\":\"big \\\"one\\\"\",\"n\":1.50,\"z\":null}");
    }

    @Test
    void membersAreSetDroppedAndRenamed() {
        String body = "{\"model\":\"m\",\"seed\":1,\"max_completion_tokens\":12345678901234567890,\"temperature\":0.7}";
        Target target = target(
                "m",
                Map.of("temperature", "0", "top_p", "{\"a\":1}"),
                List.of("seed"),
                Map.of("max_completion_tokens", "max_tokens"));
        assertThat(sent(body, target))
                .isEqualTo(
                        "{\"model\":\"m\",\"max_tokens\":12345678901234567890,\"temperature\":0,\"top_p\":{\"a\":1}}");
    }

    @Test
    void everyKindOfValueIsSplicedWhole() {
        String values =
                "{\"a\":-1.5e-3,\"b\":true,\"c\":false,\"d\":null,\"e\":\"\\\\\",\"f\":{},\"g\":[],\"h\":0,\"i\":[[{\"j\":[]}]],\"model\":\"m\"}";
        assertThat(sent(values, Target.of(PROVIDER, "m2"))).isEqualTo(values.replace("\"m\"", "\"m2\""));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            {"model":"m",                        | is not JSON at line 1, column
            {"model":"m"} {                      | follows the JSON object
            [1]                                  | is not a JSON object
            "x"                                  | is not a JSON object
            {"messages":[]}                      | `model` is missing
            {"model":7}                          | `model` must be a model's name
            {"model":""}                         | `model` must be a model's name
            {"model":"m","stream":"yes"}         | `stream` must be true or false
            {"model":"m","model":"n"}            | The member `model` stands in the body twice
            {"model":"m","x":1,"x":{"y":2}}      | The member `x` stands in the body twice
            {"model":"m","freshet":true}         | must be an object
            {"model":"m","messages":[{"a":}]}    | is not JSON
            """)
    void aBadBodyIsAnErrorThatNamesTheCure(String body, String message) {
        assertThat(Requests.parse(body.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOfSatisfying(Requests.Parsed.Bad.class, bad -> {
                    assertThat(bad.failure().status()).isEqualTo(400);
                    assertThat(bad.failure().message()).contains(message);
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16BE", "UTF-16LE", "UTF-32BE"})
    void anotherEncodingThanUtf8IsRefused(String charset) {
        byte[] body = "{\"model\":\"m\"}".getBytes(Charset.forName(charset));
        assertThat(Requests.parse(body)).isInstanceOf(Requests.Parsed.Bad.class);
    }

    @Test
    void anEmptyBodyIsAnErrorAndMalformedUtf8Too() {
        assertThat(Requests.parse(new byte[0])).isInstanceOf(Requests.Parsed.Bad.class);
        byte[] broken = "{\"model\":\"m\",\"x\":\"?\"}".getBytes(StandardCharsets.UTF_8);
        broken[18] = (byte) 0xff;
        assertThat(Requests.parse(broken)).isInstanceOf(Requests.Parsed.Bad.class);
    }

    @Test
    void sameNamesDeeperDownAreNoDuplicates() {
        good("{\"model\":\"m\",\"messages\":[{\"role\":\"a\",\"model\":1},{\"role\":\"b\"}]}");
    }
}
