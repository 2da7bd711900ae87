package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.simulator.Exchange;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Step;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// `freshet chat` with a prompt, into a pipe.
class ChatPipeWireTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    private Served served;
    private String direct;

    @BeforeEach
    void start() throws IOException {
        served = new Served();
        direct = served.simulator.baseUri().toString();
    }

    @AfterEach
    void stop() {
        served.close();
    }

    private void model(String name, String... pieces) {
        List<Step> steps = new ArrayList<>(List.of(Steps.head(), Steps.role()));
        for (String piece : pieces) steps.add(Steps.text(piece));
        steps.addAll(List.of(Steps.finish("stop"), Steps.done(), Steps.lastChunk()));
        served.simulator.script(name, Script.of(steps.toArray()));
    }

    private ChatProcess.Result ask(String... arguments) throws Exception {
        return ChatProcess.run(folder, "", arguments);
    }

    private static void assertDone(ChatProcess.Result result, String text) {
        assertThat(result).isEqualTo(new ChatProcess.Result(0, text, ""));
    }

    @Test
    void whatGoesIntoAPipeIsTheTextToTheByte() throws Exception {
        String half = "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"%s\"}}]}";
        served.simulator.script(
                "exact",
                Script.of(
                        Steps.head(),
                        Steps.text("# na\u00efve **\u20ac** "),
                        Steps.event(half.formatted("\\ud83d")),
                        Steps.event(half.formatted("\\ude00")),
                        Steps.text("\u001b[31m \t`x`  \n\n \r\n end"),
                        Steps.finish("stop"),
                        Steps.done(),
                        Steps.lastChunk()));
        assertDone(
                ask("-u", served.url(), "-m", "exact", "go"),
                "# na\u00efve **\u20ac** \ud83d\ude00\u001b[31m \t`x`  \n\n \r\n end\n");
        model("ends", "one\n");
        assertDone(ask("-u", served.url(), "-m", "ends", "go"), "one\n");
    }

    @Test
    void anySpellingOfAnAddressWorksWithAGatewayAndWithoutOne() throws Exception {
        model("m", "yes");
        String host = direct.replaceFirst("/v1$", "");
        for (String url :
                List.of(served.url(), served.url() + "/v1", served.url() + "/v1/", direct, host, host.substring(7)))
            assertDone(ask("--url", url, "-m", "m", "go"), "yes\n");
    }

    @Test
    void thePromptIsItsWordsAndWhatStandardInputHas() throws Exception {
        served.simulator.script(
                "echo",
                call -> List.of(
                                Steps.head(),
                                Steps.text(call.prompt()),
                                Steps.finish("stop"),
                                Steps.done(),
                                Steps.lastChunk())
                        .iterator());
        String[] echo = {"-u", direct, "-m", "echo"};
        assertDone(ask(with(echo, "two", "words")), "two words\n");
        assertDone(ChatProcess.run(folder, "l\u00efne\nnext\n\n", with(echo, "-")), "l\u00efne\nnext\n");
        assertDone(
                ChatProcess.run(folder, "text\n", with(echo, "Sum", "up:", "-", "Thanks")),
                "Sum up:\n\ntext\n\nThanks\n");
    }

    private static String[] with(String[] first, String... more) {
        List<String> all = new ArrayList<>(List.of(first));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    @Test
    void aTokenIsThereBeforeTheNextOneIs() throws Exception {
        served.gatedModel("gated");
        try (ChatProcess chat = ChatProcess.start(folder, Map.of(), "-u", served.url(), "-m", "gated", "go")) {
            for (String word : Served.WORDS) {
                if (!word.equals(Served.WORDS.getFirst())) served.open("gated", word);
                byte[] came = chat.out().readNBytes(word.length());
                assertThat(new String(came, StandardCharsets.UTF_8)).isEqualTo(word);
            }
            assertThat(chat.end()).isEqualTo(new ChatProcess.Result(0, "\n", ""));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anAnswerThatWasCutLeavesWhatCameAndOneLine(boolean throughGateway) throws Exception {
        served.simulator.script(
                "cut",
                Script.of(
                        Steps.head(),
                        Steps.text("one "),
                        Steps.text("two"),
                        Steps.pause(Duration.ofMillis(50)),
                        Steps.close()));
        ChatProcess.Result result = ask("-u", throughGateway ? served.url() : direct, "-m", "cut", "go");
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.out()).isEqualTo("one two\n");
        assertThat(result.err()).startsWith("freshet: ").hasLineCount(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"INT", "TERM"})
    void endingItEndsTheUpstream(String signal) throws Exception {
        for (String url : List.of(served.url(), direct)) {
            int before = served.simulator.exchanges().size();
            try (ChatProcess chat = ChatProcess.start(folder, Map.of(), "-u", url, "-m", "tokens-5000-at-50", "go")) {
                assertThat(chat.out().read()).isNotNegative();
                chat.signal(signal);
                assertThat(chat.code()).isEqualTo(signal.equals("INT") ? 130 : 143);
            }
            served.simulator.awaitExchange(before, LIMIT).await(Exchange.State.CANCELLED, LIMIT);
        }
    }

    @Test
    void whereNobodyReadsAnyMoreTheUpstreamEnds() throws Exception {
        try (ChatProcess chat =
                ChatProcess.start(folder, Map.of(), "-u", served.url(), "-m", "tokens-5000-at-50", "go")) {
            assertThat(chat.out().read()).isNotNegative();
            chat.out().close();
            assertThat(chat.code()).isEqualTo(1);
        }
        served.simulator.awaitExchange(0, LIMIT).await(Exchange.State.CANCELLED, LIMIT);
    }

    @Test
    void theKeyGoesOnlyWhereItBelongs() throws Exception {
        model("m", "yes");
        Map<String, String> keys = Map.of("FRESHET_KEY", "mine", "OPENAI_API_KEY", "theirs");
        ask("-u", direct, "-m", "m", "-k", "given", "go");
        ChatProcess.run(folder, keys, "", "-u", direct, "-m", "m", "go");
        ask("-u", direct, "-m", "m", "go");
        assertThat(served.simulator.exchanges())
                .extracting(exchange -> exchange.headers().get("authorization"))
                .containsExactly("Bearer given", "Bearer mine", null);
    }

    @Test
    void mistakesAreOneLineThatNamesTheCure() throws Exception {
        assertThat(ask())
                .isEqualTo(
                        wrong(
                                "a session needs a terminal; give a PROMPT, or - to read it from standard input (freshet help chat says more)"));
        assertThat(ask(" ")).isEqualTo(wrong("the prompt is empty (freshet help chat says more)"));
        assertThat(ask("-u", "ftp://x", "go"))
                .isEqualTo(
                        wrong("-u takes an API's address, like http://127.0.0.1:8080 or https://api.deepseek.com/v1"));
        ChatProcess.Result unreachable = ask("-u", "http://127.0.0.1:9", "go");
        assertThat(unreachable.code()).isEqualTo(1);
        assertThat(unreachable.err())
                .contains("cannot be reached", "`freshet serve`")
                .hasLineCount(1);
        try (ChatProcess chat = ChatProcess.start(folder, Map.of(), "-u", direct, "-m", "m", "-")) {
            chat.in().write(0xe9); // Latin-1
            chat.in().close();
            assertThat(chat.end()).isEqualTo(wrong("standard input is no UTF-8; iconv -t UTF-8 makes it so"));
        }
    }

    private static ChatProcess.Result wrong(String message) {
        return new ChatProcess.Result(2, "", "freshet: " + message + "\n");
    }

    @Test
    void withoutAModelTheOnlyOneIsAskedAndAmongSeveralNone() throws Exception {
        ChatProcess.Result demo = ask("-u", served.url(), "hi");
        assertThat(demo.code()).isZero();
        assertThat(demo.out()).startsWith("Hello!");
        try (Served several = new Served("providers: {p: {base_url: " + direct
                + "}}\nmodels: {a: {targets: [{provider: p, model: m}]}, b: {targets: [{provider: p, model: m}]}}")) {
            ChatProcess.Result none = ask("-u", several.url(), "hi");
            assertThat(none.code()).isEqualTo(2);
            assertThat(none.err())
                    .contains("name a model with -m, one of")
                    .contains("a")
                    .hasLineCount(1);
        }
    }
}
