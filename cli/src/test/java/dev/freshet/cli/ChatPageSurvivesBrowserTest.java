package dev.freshet.cli;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// An answer that goes on whatever happens to the page, to the network and to the gateway: at its end it is to the
/// character what the simulator said, which was asked once.
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class ChatPageSurvivesBrowserTest extends ChatPageFixture {
    private static final int OFFLINE_MILLIS = 10_000;

    private static String numbers(int count) {
        return IntStream.rangeClosed(1, count).mapToObj(i -> i + " ").collect(Collectors.joining());
    }

    private static void awaitToken(ChatPage page, int number) {
        page.tab.waitForFunction(
                "n => document.querySelector('article.answer:last-of-type .text')?.textContent.includes(` ${n} `)",
                number);
    }

    private static void wasAskedOnce(Simulator simulator, String model) {
        assertThat(simulator.exchanges())
                .filteredOn(one -> one.body().contains('"' + model + '"'))
                .hasSize(1);
    }

    @Test
    void aReloadInTheMiddle() {
        String model = "tokens-200-at-40";
        try (ChatPage page = ChatPage.open(profile, served.url() + "/").choose(model)) {
            page.ask("Count");
            awaitToken(page, 30);
            page.tab.reload();
            assertThat(page.button("Stop")).isVisible();
            awaitToken(page, 100);
            page.tab.reload();
            page.awaitStatus("Complete.");
            assertThat(page.kept()).isEqualTo(numbers(200));
            assertThat(page.text(model)).hasText(numbers(200).strip());
            wasAskedOnce(served.simulator, model);
        }
    }

    /// Before the head came the page knows no stream; its key makes the second request the same one.
    @Test
    void aReloadBeforeTheFirstToken() {
        served.simulator.script(
                "gated-head",
                Script.of(
                        Steps.gate("head"),
                        Steps.head(),
                        Steps.text("At last."),
                        Steps.finish("stop"),
                        Steps.done(),
                        Steps.lastChunk()));
        try (ChatPage page = ChatPage.open(profile, served.url() + "/").choose("gated-head")) {
            page.ask("Hello");
            page.tab.waitForCondition(() -> served.simulator.exchanges().stream()
                    .anyMatch(one -> one.body().contains("gated-head")));
            page.tab.reload();
            assertThat(page.button("Stop")).isVisible();
            served.simulator.open("head");
            page.awaitStatus("Complete.");
            assertThat(page.kept()).isEqualTo("At last.");
        }
    }

    @Test
    void aSecondTabReadsAlongAndStopsIt() {
        String model = "tokens-201-at-40";
        try (ChatPage first = ChatPage.open(profile, served.url() + "/").choose(model)) {
            first.ask("Count");
            awaitToken(first, 30);
            try (ChatPage second = ChatPage.open(profile, first.tab.url())) {
                awaitToken(second, 60);
                for (ChatPage page : new ChatPage[] {first, second}) {
                    page.awaitStatus("Complete.");
                    assertThat(page.text(model)).hasText(numbers(201).strip());
                    assertThat(page.kept()).isEqualTo(numbers(201));
                }
                wasAskedOnce(served.simulator, model);

                // What one asks the other shows, and can stop.
                second.choose("tokens-5000-at-40").ask("Count on");
                awaitToken(first, 20);
                first.button("Stop").click();
                second.awaitStatus("Stopped.");
                assertThat(first.answer("tokens-5000-at-40")).containsText("Stopped.");
                assertThat(second.answer("tokens-5000-at-40")).containsText("Stopped.");
            }
        }
    }

    @Test
    void tenSecondsWithoutANetwork() throws IOException {
        String model = "tokens-400-at-25";
        try (Network network = new Network(served.url());
                ChatPage page = ChatPage.open(profile, network.url() + "/").choose(model)) {
            page.ask("Count");
            awaitToken(page, 30);
            profile.setOffline(true); // this refuses what is new, and leaves what runs as it is
            network.cut();
            page.awaitStatus("Reconnecting…");
            assertThat(page.answer(model)).containsText("waiting until there is a network");
            page.picture("offline");
            page.tab.waitForTimeout(OFFLINE_MILLIS);
            network.mend();
            profile.setOffline(false);
            page.awaitStatus("Complete.");
            assertThat(page.kept()).isEqualTo(numbers(400));
            assertThat(page.answer(model)).containsText("The connection was lost once; nothing is missing.");
            page.answer(model).locator(".figures").click();
            assertThat(page.answer(model).locator(".chart .mark")).not().hasCount(0); // when, in the curve
            page.picture("resumed");
            wasAskedOnce(served.simulator, model);
        }
    }

    @Test
    void theGatewayIsKilledAndStartedAgain(@TempDir Path folder) throws IOException, InterruptedException {
        try (Simulator simulator = Simulator.builder().recording(true).start();
                ServeProcess gateway = new ServeProcess(folder, """
                        streams: {store: disk}
                        providers: {sim: {base_url: "%s", prefill: {field: prefix}}}
                        models:
                          demo: {targets: [{provider: sim}], continue: prefill}
                          tokens-400-at-25: {targets: [{provider: sim}]}
                        """.formatted(simulator.baseUri()));
                ChatPage page = ChatPage.open(profile, gateway.url() + "/")) {
            page.choose("demo").ask("What is Freshet?");
            assertThat(page.text("demo")).containsText("written in advance");
            gateway.kill();
            page.awaitStatus("Reconnecting…");
            assertThat(page.answer("demo")).containsText("The connection was lost; try");
            page.picture("reconnecting");
            gateway.startAgain();
            page.awaitStatus("Complete.");
            assertThat(page.kept()).isEqualTo(demoText("general"));

            String model = "tokens-400-at-25";
            page.choose(model).ask("Count");
            awaitToken(page, 30);
            gateway.kill();
            gateway.startAgain();
            assertThat(page.answer(model)).containsText("stream_interrupted");
            assertThat(page.button("Try again")).isVisible();
            String came = page.kept();
            assertThat(came).isEqualTo(logged(page.tab)).startsWith(numbers(30));
            assertThat(numbers(400)).startsWith(came);
            assertThat(page.tab.getByRole(AriaRole.ALERT)).not().isEmpty();
            page.picture("interrupted");
        }
    }

    private static String demoText(String name) throws IOException {
        return Files.readString(Program.root()
                        .resolve("simulator/src/main/resources/dev/freshet/simulator/demo/" + name + ".md"))
                .strip();
    }

    /// What the gateway's log has of the last answer.
    private static String logged(Page tab) {
        return String.valueOf(tab.evaluate("""
                async () => {
                  const open = await new Promise(done => { const r = indexedDB.open('freshet'); r.onsuccess = () => done(r.result); });
                  const all = await new Promise(done => { const r = open.transaction('messages').objectStore('messages').getAll(); r.onsuccess = () => done(r.result); });
                  open.close();
                  const { stream } = all.filter(m => m.role === 'assistant').sort((a, b) => a.created - b.created).at(-1);
                  const events = await (await fetch(`/v1/streams/${stream}/events`)).text();
                  return events.split('\\n').filter(line => line.startsWith('data: {"id"'))
                    .map(line => JSON.parse(line.slice(6)).choices?.[0]?.delta?.content ?? '').join('');
                }
                """));
    }
}
