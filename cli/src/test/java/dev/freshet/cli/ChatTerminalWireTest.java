package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.simulator.Cutter;
import dev.freshet.simulator.Exchange;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `freshet chat` in a terminal.
@Tag("program")
class ChatTerminalWireTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    private Served served;

    @BeforeEach
    void start() throws IOException {
        served = new Served();
    }

    @AfterEach
    void stop() {
        served.close();
    }

    private Tmux terminal(String... arguments) throws Exception {
        return new Tmux(folder, 80, 30, Map.of(), arguments);
    }

    private String body(int number) throws InterruptedException {
        return served.simulator.awaitExchange(number, LIMIT).body();
    }

    @Test
    void aSessionGoesOnFromQuestionToQuestion() throws Exception {
        served.simulator.script(
                "m",
                Script.of(
                        Steps.head(),
                        Steps.text("Some **bold** words.\n\n```java\nint x = 1; // code\n```\n"),
                        Steps.finish("stop"),
                        Steps.done(),
                        Steps.lastChunk()));
        try (Tmux tmux = terminal("-u", served.url(), "-m", "m")) {
            tmux.prompt();
            tmux.enter("first").await("first token");
            String seen = tmux.prompt();
            assertThat(seen)
                    .contains("\u203a first", "Some bold words.", "int x = 1; // code", "tokens")
                    .doesNotContain("**");
            assertThat(tmux.coloured())
                    .containsPattern("\u001b\\[1m(\u001b\\[[0-9]*m)*bold")
                    .containsPattern("\u001b\\[35m(\u001b\\[[0-9]*m)*int");

            tmux.enter("/system Be brief.").await("The model is told first: Be brief.");
            tmux.enter("second \\").enter("and more");
            assertThat(body(1)).contains("Be brief.", "first", "Some **bold** words.", "second \\nand more");
            tmux.await(text -> text.split("first token", -1).length == 3);
            tmux.prompt();

            tmux.enter("/retry");
            assertThat(body(2)).isEqualTo(body(1));
            tmux.await(text -> text.split("first token", -1).length == 4);
            tmux.prompt();

            tmux.enter("/save kept.md").await("Saved to");
            assertThat(Files.readString(folder.resolve("kept.md")))
                    .isEqualTo(
                            "## System\n\nBe brief.\n\n## You\n\nfirst\n\n## m\n\nSome **bold** words.\n\n```java\nint x = 1; // code\n```\n\n"
                                    + "## You\n\nsecond \nand more\n\n## m\n\nSome **bold** words.\n\n```java\nint x = 1; // code\n```\n\n");
            tmux.enter("/save kept.md").await("kept.md is there already");
            tmux.enter("/usage").await("answers      3");
            tmux.enter("/model demo").await("Asking demo.");
            tmux.enter("/nothing").await("There is no /nothing");
            tmux.prompt();
            tmux.press("Up", "Up").await(text -> text.stripTrailing().endsWith("\u203a /model demo"));
            tmux.press("C-c").prompt();
            tmux.press("C-d").await("[exit 0]");
        }
        try (Tmux tmux = terminal("-u", served.url(), "-m", "m")) {
            tmux.prompt();
            tmux.press("Up").await(text -> text.stripTrailing().endsWith("\u203a /nothing"));
        }
        assertThat(Files.getPosixFilePermissions(folder.resolve(".local/state/freshet/chat-history")))
                .hasSize(2);
    }

    @Test
    void controlCStopsTheAnswerOnlyAndThenTheProgram() throws Exception {
        try (Tmux tmux = terminal("-u", served.url(), "-m", "tokens-5000-at-20")) {
            tmux.prompt();
            tmux.enter("count").await("1 2 3");
            tmux.press("C-c").await("stopped");
            served.simulator.awaitExchange(0, LIMIT).await(Exchange.State.CANCELLED, LIMIT);
            tmux.prompt();
            tmux.enter("again").await(text -> text.lastIndexOf("1 2 3") > text.indexOf("stopped"));
            assertThat(body(1)).contains("count", "1 2 3", "again");
            tmux.type("/sto").await("\u203a /sto");
            tmux.enter("p").await(text -> text.split("\u00b7 stopped", -1).length == 3);
            served.simulator.awaitExchange(1, LIMIT).await(Exchange.State.CANCELLED, LIMIT);
            tmux.prompt();
            tmux.press("C-c").await("[exit 130]");
        }
    }

    @Test
    void whatIsTypedWhileAnAnswerStreamsIsAskedNext() throws Exception {
        served.gatedModel("gated");
        try (Tmux tmux = terminal("-u", served.url(), "-m", "gated")) {
            tmux.prompt();
            tmux.enter("go").await("one");
            tmux.enter("next").type("half").await("\u203a half");
            served.open("gated", "two");
            tmux.await("onetwo");
            served.open("gated", "three");
            assertThat(body(1)).contains("onetwothree", "next");
            tmux.await(text -> text.stripTrailing().endsWith("\u203a half"));
        }
    }

    @Test
    void aLostConnectionIsSeenAndLosesNothing() throws Exception {
        served.gatedModel("gated");
        try (Cutter network = new Cutter(served.gateway.address(), () -> Cutter.NEVER);
                Tmux tmux = terminal("-u", network.url(), "-m", "gated", "go")) {
            tmux.await("one");
            network.cut();
            tmux.await(text -> text.contains("trying again") || text.contains("connected again"));
            served.open("gated", "two");
            tmux.await("onetwo");
            served.open("gated", "three");
            tmux.await("onetwothree");
            assertThat(tmux.await("[exit 0]")).contains("1 reconnect");
        }
        assertThat(served.simulator.exchanges()).hasSize(1);
    }

    @Test
    void withoutAGatewayAFailureIsToldAndAskedAgain() throws Exception {
        served.simulator.script(
                "m",
                Script.inTurn(
                        Script.of(Steps.head(), Steps.text("half"), Steps.pause(Duration.ofMillis(50)), Steps.close()),
                        Script.of(
                                Steps.head(),
                                Steps.text("whole"),
                                Steps.finish("stop"),
                                Steps.done(),
                                Steps.lastChunk())));
        try (Tmux tmux = terminal("-u", served.simulator.baseUri().toString(), "-m", "m")) {
            tmux.prompt();
            tmux.enter("go").await("/retry asks again");
            tmux.prompt();
            tmux.enter("/retry").await("whole");
            assertThat(body(1)).isEqualTo(body(0));
        }
    }

    @Test
    void coloursAreLeftOutWhereNobodyWantsThem() throws Exception {
        try (Tmux tmux = new Tmux(folder, 80, 60, Map.of("NO_COLOR", "1"), "-u", served.url(), "-m", "demo", "code")) {
            tmux.await("[exit 0]");
            assertThat(tmux.coloured()).contains("const response").doesNotContain("\u001b[");
        }
    }

    @Test
    void aDumbTerminalGetsTheTextAsItIs() throws Exception {
        try (Tmux tmux = new Tmux(folder, 80, 60, Map.of("TERM", "dumb"), "-u", served.url(), "-m", "demo")) {
            tmux.prompt();
            tmux.enter("hi").await("**code**, a **table**");
            assertThat(tmux.coloured()).doesNotContain("\u001b[");
        }
    }
}
