package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.StreamResponse;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import dev.freshet.simulator.Exchange;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// What the official clients make of answers that guards stop: the guide's own case, an answer that goes off track in
/// its first fifty tokens, held and live.
@Tag("program")
class GuardedClientsWireTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String GOOD = "Der Zug fährt um neun Uhr von Gleis vier ab, und Sie haben für den Umstieg zehn"
            + " Minuten, was auch dann reicht, wenn der Weg zum anderen Bahnsteig voll ist.";
    private static final String BAD = "The train leaves at nine from platform four, and you have ten minutes for the"
            + " change, which is enough even if the way to the other platform is crowded.";

    private final Served served;

    GuardedClientsWireTest() throws IOException {
        served = new Served("""
                guards:
                  held:
                    hold: {tokens: 50}
                    stop_when: [{id: language, language: {expect: [de]}}]
                    then: {retry: {append: "Bitte auf Deutsch."}}
                  live: {stop_when: [{id: platform, contains: ["platform four"]}]}
                """);
    }

    @AfterEach
    void stop() {
        served.close();
    }

    private static Script says(String text, boolean ends) {
        List<Object> steps = new ArrayList<>(List.of(Steps.head(), Steps.role()));
        for (int i = 0; i < text.length(); i += 5)
            steps.add(Steps.text(text.substring(i, Math.min(text.length(), i + 5))));
        if (ends) steps.addAll(List.of(Steps.finish("stop"), Steps.done(), Steps.lastChunk()));
        else steps.add(Steps.hang());
        return Script.of(steps.toArray());
    }

    private void offTrackFirst(String model) {
        served.simulator.script(model, Script.inTurn(says(BAD, false), says(GOOD, true)));
    }

    private void theFirstProviderWasLeft() throws InterruptedException {
        served.simulator.exchanges().getFirst().await(Exchange.State.CANCELLED, LIMIT);
        assertThat(served.simulator.exchanges().get(1).body()).contains("Bitte auf Deutsch.");
    }

    private static String file(String name) {
        return Program.root().resolve("cli/src/test/clients").resolve(name).toString();
    }

    private String python(String model, String guard) throws Exception {
        try (Program program = Program.start(Program.python(), file("openai_guarded.py"), served.url(), model, guard)) {
            return program.end();
        }
    }

    private String node(String model, String guard) throws Exception {
        try (Program program = Program.start(
                Program.onPath("node"),
                file("openai-guarded.mjs"),
                Program.nodeModules(),
                served.url(),
                model,
                guard)) {
            return program.end();
        }
    }

    @Test
    void thePythonClientSeesOnlyTheGoodAnswer() throws Exception {
        offTrackFirst("m");
        assertThat(python("m", "held")).isEqualTo("finished: stop\nguard: language retried\ntext: " + GOOD + "\n");
        theFirstProviderWasLeft();
        served.simulator.script("m", says(BAD, false));
        assertThat(python("m", "held")).isEqualTo("error: guard_stopped\n");
    }

    @Test
    void thePythonClientSeesAStandardEndOfWhatIsTruncated() throws Exception {
        served.simulator.script("m", says(BAD, false));
        assertThat(python("m", "live"))
                .isEqualTo(
                        "finished: content_filter\nguard: platform truncated\ntext: The train leaves at nine from \n");
    }

    @Test
    void theNodeClientSeesOnlyTheGoodAnswer() throws Exception {
        offTrackFirst("m");
        assertThat(node("m", "held")).isEqualTo("finished: stop\nguard: language retried\ntext: " + GOOD + "\n");
        theFirstProviderWasLeft();
        served.simulator.script("m", says(BAD, false));
        assertThat(node("m", "held")).isEqualTo("error: guard_stopped\n");
    }

    @Test
    void theNodeClientSeesAStandardEndOfWhatIsTruncated() throws Exception {
        served.simulator.script("m", says(BAD, false));
        assertThat(node("m", "live"))
                .isEqualTo(
                        "finished: content_filter\nguard: platform truncated\ntext: The train leaves at nine from \n");
    }

    @Test
    void theJavaClientSeesTheSame() throws Exception {
        offTrackFirst("m");
        assertThat(java("held").choices().getFirst().message().content()).contains(GOOD);
        theFirstProviderWasLeft();
        served.simulator.script("m", says(BAD, false));
        ChatCompletion.Choice cut = java("live").choices().getFirst();
        assertThat(cut.message().content()).contains("The train leaves at nine from ");
        assertThat(cut.finishReason()).isEqualTo(ChatCompletion.Choice.FinishReason.CONTENT_FILTER);
    }

    private ChatCompletion java(String guard) {
        OpenAIClient client = OpenAIOkHttpClient.builder()
                .baseUrl(served.url() + "/v1")
                .apiKey("sk-any")
                .maxRetries(0)
                .build();
        ChatCompletionCreateParams params = ChatCompletionCreateParams.builder()
                .model("m")
                .addUserMessage("x")
                .putAdditionalHeader("Freshet-Guard", guard)
                .build();
        ChatCompletionAccumulator answer = ChatCompletionAccumulator.create();
        try (StreamResponse<ChatCompletionChunk> stream =
                        client.chat().completions().createStreaming(params);
                Stream<ChatCompletionChunk> chunks = stream.stream()) {
            chunks.forEach(answer::accumulate);
        }
        client.close();
        return answer.chatCompletion();
    }
}
