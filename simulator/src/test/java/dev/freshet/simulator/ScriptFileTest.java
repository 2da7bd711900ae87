package dev.freshet.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScriptFileTest {
    private static final ChatCall CALL = new ChatCall("m", true, false, 1, 10, "", "", 0, ChatCall.Brought.NOTHING);

    private static List<String> steps(Map<String, Script> scripts, String model) {
        Script script = Objects.requireNonNull(scripts.get(model));
        List<String> steps = new ArrayList<>();
        for (Iterator<Step> all = script.play(CALL); all.hasNext(); ) {
            steps.add(
                    switch (all.next()) {
                        case Step.Send send -> new String(send.bytes(), StandardCharsets.UTF_8);
                        case Step other -> other.toString();
                    });
        }
        return steps;
    }

    /// The README's example is this module's own test.
    @Test
    void theExampleOfTheReadmeIsAScript() throws Exception {
        String readme = Files.readString(Path.of("README.md"));
        String yaml = readme.replaceFirst("(?s).*?```yaml\n", "").replaceFirst("(?s)```.*", "");
        Map<String, Script> scripts = ScriptFile.parse(yaml, "README.md");
        assertThat(scripts).containsOnlyKeys("stall-in-the-middle", "torn-characters", "busy");
        assertThat(steps(scripts, "stall-in-the-middle")).hasSize(6).last().isEqualTo("Hang[]");
        assertThat(steps(scripts, "torn-characters"))
                .contains("3\r\ndat\r\n")
                .last()
                .isEqualTo("End[]");
        assertThat(steps(scripts, "busy").getFirst())
                .startsWith("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 2\r\n");
    }

    @Test
    void stepsAreRepeatedSoOftenOrForEver() {
        String yaml = """
                models:
                  m:
                    - repeat: {times: 2, steps: [{raw: a}, {repeat: {times: 3, steps: [{raw: b}]}}]}
                    - vanish
                  ever: [{raw: a}, {repeat: {steps: [{raw: b}, {raw: c}]}}]
                """;
        Map<String, Script> scripts = ScriptFile.parse(yaml, "s.yaml");
        assertThat(String.join("", steps(scripts, "m"))).isEqualTo("abbbabbbVanish[]");
        Iterator<Step> ever = Objects.requireNonNull(scripts.get("ever")).play(CALL);
        for (int i = 0; i < 100_001; i++) ever.next();
        assertThat(ever.hasNext()).isTrue();
        for (String wrong : List.of("{times: 0, steps: [{raw: a}]}", "{steps: []}", "{steps: [hang]}", "{times: 2}")) {
            assertThatThrownBy(() -> ScriptFile.parse("models: {m: [{repeat: " + wrong + "}]}", "s.yaml"))
                    .as(wrong)
                    .isInstanceOf(ScriptException.class)
                    .hasMessageStartingWith("s.yaml:1:");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            model: {}                        | s.yaml:1:1: expected `models:` and nothing else
            models: {m: [dance]}             | s.yaml:1:14: there is no step `dance`; there are: head,
            models: {m: [{sing: a}]}         | s.yaml:1:14: there is no step `sing`
            models: {m: [{wait: soon}]}      | s.yaml:1:21: `soon` is no duration; expected one like 250ms
            models: {m: [{split: {size: 1}}]}| s.yaml:1:22: a split has `size` and `text`
            models: {m: [{head: {status: 1}}]} | s.yaml:1:30: expected a number from 100 to 999
            models: {m: [{hex: xy}]}         | s.yaml:1:20: expected bytes as pairs of hex digits
            models: {m: 1}                   | s.yaml:1:13: expected a list of steps
            models: {m: [                    | not YAML
            """)
    void anErrorNamesThePlaceAndWhatIsExpected(String yaml, String message) {
        assertThatThrownBy(() -> ScriptFile.parse(yaml, "s.yaml"))
                .isInstanceOf(ScriptException.class)
                .hasMessageContaining(message);
    }
}
