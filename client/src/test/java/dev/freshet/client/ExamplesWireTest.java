package dev.freshet.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.Gateway;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Steps;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The examples of `docs/java-client.md` run, and stand there as they are.
class ExamplesWireTest {
    private static final Path ROOT = Path.of(System.getProperty("freshet.root"));

    @TempDir
    static Path folder;

    private static Simulator simulator;
    private static Gateway gateway;
    private static FreshetClient client;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    @BeforeAll
    static void start() throws IOException {
        simulator = Simulator.builder().start();
        gateway = Gateways.before(simulator.baseUri().toString(), folder, 0, "first_token: 10s, idle: 2s", "");
        client = FreshetClient.of(Gateways.base(gateway), "");
    }

    @AfterAll
    static void stop() {
        client.close();
        gateway.close();
        simulator.close();
    }

    private String said() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void textInOneLine() {
        Examples.first(Gateways.base(gateway), "sk-any", out);
        assertThat(said()).hasSizeGreaterThan(20);
    }

    @Test
    void chunksAndTheNextQuestion() {
        Examples.chunks(client, out);
        assertThat(said()).contains("length after PT");
    }

    @Test
    void tools() {
        simulator.script(
                "caller",
                Script.inTurn(
                        Script.of(
                                Steps.head(),
                                Steps.event(
                                        "{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"c1\",\"type\":\"function\",\"function\":{\"name\":\"weather\",\"arguments\":\"{}\"}}]}}]}"),
                                Steps.finish("tool_calls"),
                                Steps.done(),
                                Steps.lastChunk()),
                        Script.of(
                                Steps.head(),
                                Steps.text("It rains."),
                                Steps.finish("stop"),
                                Steps.done(),
                                Steps.lastChunk())));
        Examples.tools(client, ChatRequest.of("caller", "Weather in Ulm?"), out);
        assertThat(said()).isEqualTo("It rains." + System.lineSeparator());
    }

    @Test
    void callbacks() throws Exception {
        Answer answer = Examples.listener(client, out).answer().get(20, TimeUnit.SECONDS);
        assertThat(said()).startsWith(answer.text());
    }

    @Test
    void failures() {
        Examples.failures(client, ChatRequest.of("no-done", "count"), out);
        assertThat(said()).contains("upstream_truncated, may be asked again");
        try (FreshetClient direct = FreshetClient.of(simulator.baseUri().toString(), "")) {
            Examples.failures(direct, ChatRequest.of("no-done", "count"), out);
            assertThat(said()).contains("cut off after: 1 2 3 4 5 ");
            Examples.failures(direct, ChatRequest.of("rate-limited-absurd", "count"), out);
            assertThat(said()).contains("again in PT");
        }
    }

    @Test
    void stoppingEarly() {
        Examples.early(client, out);
        assertThat(said()).contains("1 attempts, ");
    }

    @Test
    void optionsAndStates() {
        assertThat(client.ask(ChatRequest.of("tokens-3", "count"), Examples.options())
                        .text())
                .isEqualTo("1 2 3 ");
        Examples.states(client, ChatRequest.of("tokens-3", "count"), out);
        assertThat(said()).isEqualTo("1 2 3 ");
    }

    @Test
    void theDocumentationShowsWhatRuns() throws IOException {
        String source = Files.readString(ROOT.resolve("client/src/test/java/dev/freshet/client/Examples.java"))
                + Files.readString(ROOT.resolve("bench/src/test/java/dev/freshet/bench/client/Recipes.java"));
        String page = Files.readString(ROOT.resolve("docs/java-client.md"));
        List<String> shown = new ArrayList<>();
        Matcher blocks = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(page);
        while (blocks.find()) shown.add(blocks.group(1).stripTrailing());
        List<String> run = new ArrayList<>();
        Matcher regions =
                Pattern.compile("// docs: \\w+\n(.*?)// end", Pattern.DOTALL).matcher(source);
        while (regions.find()) run.add(regions.group(1).stripIndent().stripTrailing());
        assertThat(shown).containsExactlyInAnyOrderElementsOf(run);
    }
}
