package dev.freshet.gateway.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.gateway.guard.Guard;
import dev.freshet.gateway.guard.Guards;
import dev.freshet.gateway.guard.Judge;
import dev.freshet.gateway.guard.Spend;
import dev.freshet.gateway.model.Channel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GuardsReaderTest {
    private static final Path EXAMPLES = Path.of("../docs/examples");

    private static Guards guards(String yaml) {
        String name = EXAMPLES.resolve("guards.yaml").toString();
        return ConfigFile.parse(yaml, name, new Environment(Map.of())).guards();
    }

    private static Guard guard(String rest) {
        return Objects.requireNonNull(
                guards("guards: {g: {" + rest + "}}").byName().get("g"));
    }

    @Test
    void theExamplesAreRead() throws IOException {
        Guards guards = guards(Files.readString(EXAMPLES.resolve("guards.yaml")));
        assertThat(guards.byName()).containsOnlyKeys("support-de", "invoice", "coder", "on-topic");
        assertThat(guards.attempts()).isEqualTo(2);
        assertThat(guards.spendFactor()).isEqualTo(1.5);
        Guard support = Objects.requireNonNull(guards.byName().get("support-de"));
        assertThat(support.hold()).isEqualTo(new Guard.Hold(50, Duration.ofMillis(900)));
        assertThat(support.channels()).containsExactly(Channel.VISIBLE);
        Guard coder = Objects.requireNonNull(guards.byName().get("coder"));
        assertThat(coder.channels()).containsExactlyInAnyOrder(Channel.values());
        assertThat(coder.spends())
                .containsExactly(new Spend("purse", 20_000_000L, 6000, Duration.ofSeconds(90), 0, null));
        assertThat(Objects.requireNonNull(coder.then().retry()).set()).isEqualTo(Map.of("temperature", "0.2"));
        Guard topic = Objects.requireNonNull(guards.byName().get("on-topic"));
        assertThat(topic.judges())
                .containsExactly(
                        new Judge("drift", "deepseek-flash", 64, Duration.ofMillis(700), false, 0.8, null, null));
        assertThat(topic.audit()).isEqualTo(new Guard.Audit(0.05, false));
    }

    /// The page has the examples as they are tested.
    @Test
    void theDocumentationHasTheExamplesWordForWord() throws IOException {
        String page = Files.readString(Path.of("../docs/guards.md"));
        assertThat(page).contains("```yaml\n" + Files.readString(EXAMPLES.resolve("guards.yaml")) + "```");
        assertThat(page).contains("```json\n" + Files.readString(EXAMPLES.resolve("invoice.schema.json")) + "```");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            channel: visible                                         | expected `stop_when` with 1 to 200 rules
            stop_when: [{contain: [a]}]                              | expected one of contains, matches
            stop_when: [{contains: [a], matches: b}]                 | this one has contains and matches
            stop_when: [{contains: []}]                              | expected at least one phrase
            stop_when: [{contains: [" "]}]                           | a phrase is blank
            stop_when: [{contains: [a], with_chars: 3}]              | unknown key `guards.g.stop_when[0].with_chars`
            stop_when: [{contains: [a], within_chars: 0}]            | expected at least 1
            stop_when: [{contains: [a]}, {contains: [b]}]            | there are two rules with the id `contains`
            stop_when: [{matches: "(a"}]                             | the expression is not one of RE2's
            stop_when: [{matches: "a(?=b)"}]                         | look-around and back references are not among them
            stop_when: [{matches: "(a+)\\\\1"}]                      | look-around and back references are not among them
            stop_when: [{matches: "a*"}]                             | matches the empty text
            stop_when: [{matches: "((a{100}){100}){100}"}]           | the expression is too large
            stop_when: [{matches: "[a-z]{999}[0-9]{999}"}]           | the expression is too large
            stop_when: [{language: {expect: [xx]}}]                  | `xx` is none of the languages that are known: ar, de
            stop_when: [{language: {expect: [de], min_chars: 3}}]    | `min_chars` is 20 to 10000
            stop_when: [{opens_with: {list: insults}}]               | there is no list `insults`; there is: refusals
            stop_when: [{opens_with: {}}]                            | expected `list: refusals`, or `phrases: [a, b]`
            stop_when: [{repeat: {copies: 1}}]                       | `copies` is 2 to 1000
            stop_when: [{repeat: {span: 1000}}]                      | `span` is 1 to 512
            stop_when: [{must_start_with: ""}]                       | expected a beginning
            stop_when: [{must_start_with: a, after_chars: 3}]        | leave `after_chars` out
            stop_when: [{spend: {}}]                                 | expected usd, tokens, time
            stop_when: [{spend: {usd: much}}]                        | expected an amount like 0.02
            stop_when: [{json: {schema: none.json}}]                 | none.json cannot be read
            stop_when: [{json: {schema: guards.yaml}}]               | the schema is not JSON
            stop_when: [{json: {schema: {$ref: "other.json"}}}]      | refers to its own parts only
            stop_when: [{json: {schema: {$ref: "https://a.example/s"}}}] | refers to its own parts only
            stop_when: [{json: {schema: {$ref: "#"}}}]               | refers to itself without end
            stop_when: [{json: {schema: {$ref: "#/nowhere"}}}]       | the schema has no #/nowhere
            stop_when: [{json: {schema: {type: strin}}}]             | the schema cannot be used
            stop_when: [{json: {schema: {pattern: "(a"}}}]           | a pattern in the schema is not one of RE2's
            stop_when: [{json: {schema: {pattern: "(a{999}){999}"}}}] | a pattern in the schema is too large
            stop_when: [{json: {schema: {allOf: [{$ref: "#"}]}}}]    | refers to itself without end
            stop_when: [{judge: {at_tokens: 9}}]                     | `model` is missing
            stop_when: [{judge: {model: m, timeout: 0}}]             | expected more than 0
            stop_when: [{judge: {model: m, stop_above: 1}}]          | less than 1
            stop_when: [{judge: {model: m, on_timeout: wait}}]       | expected one of pass, stop
            stop_when: [{judge: {model: m, budget: 1usd}}]           | expected an amount like 1usd/day
            stop_when: [{judge: {model: m, at_tokens: 0}}]           | expected 1 to 4096
            stop_when: [{judge: {model: m}, within_chars: 9}]        | unknown key
            stop_when: [{secrets: [aws, keys]}]                      | `keys` is none of the kinds that are known: all, anthropic, aws
            stop_when: [{personal_data: []}]                         | expected at least one kind
            stop_when: [{confidence: {}}]                            | expected `mean_logprob_below`
            stop_when: [{confidence: {mean_logprob_below: 1}}]       | expected a natural logarithm below 0
            stop_when: [{contains: a}], audit: {}                    | expected `holdout`
            stop_when: [{contains: a}], audit: {holdout: 5}          | expected a share like 5%
            stop_when: [{contains: a}], audit: {holdout: 0%}         | above 0%
            stop_when: [{contains: a}], audit: {holdout: 101%}       | at most 100%
            stop_when: [{contains: a}], audit: {holdout: 5%, below_break_even: stop} | expected one of report, refuse
            stop_when: [{contains: a}], hold: {}                     | expected tokens, a time, or both
            stop_when: [{contains: a}], hold: {tokens: 0}            | expected 1 to 100000
            stop_when: [{contains: a}], channel: all_of_them         | expected one of visible, reasoning
            stop_when: [{contains: a}], then: {otherwise: go}        | expected one of fail, truncate, pass
            stop_when: [{contains: a}], then: {retry: {set: {model: x}}} | `model` is not set by a retry
            stop_when: [{contains: a}], then: {retry: {append: ""}}  | expected a message
            """)
    void whatIsWrongIsSaidWithItsPlace(String rest, String message) {
        assertThatThrownBy(() -> guard(rest))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(message)
                .hasMessageMatching("(?s).*guards.yaml:1:\\d+: .*");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            models: {m: {targets: [{provider: p}], guards: [x]}}        | there is no guard `x`; there are: g
            models: {m: {targets: [{provider: p}]}}                     | the guard `g` asks the model `other`, which `models` does not name
            guard_limits: {attempts: 0}                                 | expected 1, which never asks again, to 10
            guard_limits: {spend_factor: 0.5}                           | expected 1 to 10
            """)
    void whatDoesNotFitTogetherIsAnError(String rest, String message) {
        assertThatThrownBy(() -> guards("guards: {g: {stop_when: [{contains: a}], then: {retry: {model: other}}}}\n"
                        + "providers: {p: {base_url: \"https://a.example/v1\"}}\n" + rest))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(message);
    }

    @Test
    void tenThousandPhrasesAreReadQuicklyAndTooManyAreRefused() {
        String many = IntStream.range(0, 10_000)
                .mapToObj(i -> "\"phrase number " + i * 7919 + "\"")
                .collect(Collectors.joining(","));
        long began = System.nanoTime();
        assertThat(guard("stop_when: [{contains: [" + many + "]}]").rules()).hasSize(1);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
        String tooMany = "\"a\",".repeat(20_000) + "\"b\"";
        assertThatThrownBy(() -> guard("stop_when: [{contains: [" + tooMany + "]}]"))
                .hasMessageContaining("at most 20000 phrases");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"guard": {"stop_when": [{"contains": "a"}]}}                          | expected `add` with 1 to 16 rules
            {"guard": {"add": [{"contains": "a"}], "remove": ["x"]}}               | unknown key `guard.remove`; here are known: add, hold, then
            {"guard": {"add": [{"contains": "a"}], "channel": "all"}}              | unknown key `guard.channel`
            {"guard": {"add": [{"contains": "a"}], "limits": {"attempts": 9}}}     | unknown key `guard.limits`
            {"guard": false}                                                       | expected a mapping
            {"gard": {}}                                                           | unknown key `gard`; here are known: guard
            {"guard": {"add": [{"contain": "a"}]}}                                 | expected one of contains
            {"guard": {"add": [{"json": {"schema": "/etc/passwd"}}]}}              | a request's schema stands in the request, and names no file
            {"guard": {"add": [{"json": {"schema": {"$ref": "file:///etc/passwd"}}}]}} | refers to its own parts only
            {"guard": {"add": [{"matches": "[a-z]{300}"}]}}                        | the expression is too large (over 250 steps
            {"guard": {"add": [{"id": "a", "matches": "[a-z]{150}"}, {"id": "b", "matches": "[a-z]{150}"}]}} | the expression is too large
            """)
    void whatARequestMustNotIsRefused(String json, String message) {
        assertThatThrownBy(() -> GuardsReader.ofRequest(json.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aRequestHasSixteenRulesAndAThousandPhrasesAtMost() {
        String rules = IntStream.range(0, 17)
                .mapToObj(i -> "{\"id\":\"r" + i + "\",\"contains\":\"a\"}")
                .collect(Collectors.joining(","));
        assertThatThrownBy(() -> GuardsReader.ofRequest(
                        ("{\"guard\":{\"add\":[" + rules + "]}}").getBytes(StandardCharsets.UTF_8)))
                .hasMessageContaining("1 to 16 rules");
        String phrases = "\"ab\",".repeat(1000) + "\"c\"";
        assertThatThrownBy(() -> GuardsReader.ofRequest(
                        ("{\"guard\":{\"add\":[{\"contains\":[" + phrases + "]}]}}").getBytes(StandardCharsets.UTF_8)))
                .hasMessageContaining("at most 1000 phrases");
        assertThatThrownBy(() ->
                        GuardsReader.ofRequest(("{\"guard\":{\"add\":[{\"contains\":\"" + "x".repeat(70_000) + "\"}]}}")
                                .getBytes(StandardCharsets.UTF_8)))
                .hasMessageContaining("at most 65536 bytes");
    }

    /// What a client sends never reads the gateway's environment; and JSON's escapes are its own.
    @Test
    void aRequestsTextsAreTakenToTheLetter() {
        Guard guard = Objects.requireNonNull(GuardsReader.ofRequest(
                "{\"guard\":{\"add\":[{\"contains\":[\"\\ud83d\\ude00\",\"a\\/b\"]}],\"then\":{\"retry\":{\"append\":\"${HOME} ${X:-y}\"}}}}"
                        .getBytes(StandardCharsets.UTF_8)));
        assertThat(Objects.requireNonNull(guard.then().retry()).append()).isEqualTo("${HOME} ${X:-y}");
        assertThat(guard.ours()).isFalse();
    }
}
