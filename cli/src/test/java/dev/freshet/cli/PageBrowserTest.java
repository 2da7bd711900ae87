package dev.freshet.cli;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator.WaitForOptions;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Page.GetByRoleOptions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.WaitForSelectorState;
import com.sun.net.httpserver.HttpServer;
import dev.freshet.simulator.Exchange;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Pages in real Chromium, against the gateway.
@Tag("program")
class PageBrowserTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private static Served served;
    private static Chromium chromium;

    @BeforeAll
    static void start() throws IOException {
        served = new Served();
        served.simulator.script("endless", Script.of(Steps.head(), Steps.text("Once upon"), Steps.hang()));
        chromium = new Chromium();
    }

    @AfterAll
    static void stop() {
        chromium.close();
        served.close();
    }

    /// The page with a model chosen that it does not list.
    private static Page chatWith(String model) {
        Page page = chromium.page(900, 700);
        page.navigate(served.url() + "/");
        page.getByLabel("Model")
                .locator("option")
                .first()
                .waitFor(new WaitForOptions().setState(WaitForSelectorState.ATTACHED));
        page.getByLabel("Model").evaluate("(select, name) => select.add(new Option(name, name))", model);
        page.getByLabel("Model").selectOption(model);
        return page;
    }

    private static void ask(Page page, String text) {
        page.getByRole(AriaRole.TEXTBOX, new GetByRoleOptions().setName("Message"))
                .fill(text);
        page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Send")).click();
    }

    @Test
    void thePageShowsTokensAsTheyCome() {
        served.gatedModel("gated-page");
        try (Page page = chatWith("gated-page")) {
            ask(page, "Hello");
            String shown = "";
            for (String word : Served.WORDS) {
                if (!shown.isEmpty()) served.open("gated-page", word);
                shown += word;
                assertThat(page.getByLabel("gated-page").locator("pre")).hasText(shown);
            }
            assertThat(page.getByRole(AriaRole.STATUS)).containsText("Complete");
        }
    }

    @Test
    void stopStopsTheProvider() throws InterruptedException {
        try (Page page = chatWith("endless")) {
            ask(page, "Tell me");
            assertThat(page.getByLabel("endless").locator("pre")).hasText("Once upon");
            Exchange exchange = served.simulator.exchanges().stream()
                    .filter(one -> one.body().contains("endless"))
                    .findFirst()
                    .orElseThrow();
            page.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName("Stop"))
                    .click();
            assertThat(page.getByRole(AriaRole.STATUS)).hasText("Stopped.");
            exchange.await(Exchange.State.CANCELLED, LIMIT);
        }
    }

    @Test
    void theDemoAnswersByKeyboardAloneAndThePolicyIsKept() {
        List<String> violations = new ArrayList<>();
        try (Page page = chromium.page(900, 700)) {
            page.onConsoleMessage(message -> {
                if (message.type().equals("error")) violations.add(message.text());
            });
            page.navigate(served.url() + "/");
            assertThat(page.getByLabel("Model")).hasValue("demo");
            page.keyboard().type("Hello");
            page.keyboard().press("Enter");
            assertThat(page.getByRole(AriaRole.STATUS)).containsText("Complete");
            assertThat(page.getByLabel("demo").locator("pre")).containsText("simulated model");
            page.screenshot(new Page.ScreenshotOptions().setPath(Path.of("target/screenshots/chat.png")));
        }
        assertThat(violations).isEmpty();
    }

    @Test
    void theExamplePageReadsTheStreamFromAnotherOriginOfThisMachine() throws IOException {
        byte[] example = Files.readAllBytes(Program.root().resolve("examples/stream.html"));
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/stream.html", exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "text/html");
            exchange.sendResponseHeaders(200, example.length);
            exchange.getResponseBody().write(example);
            exchange.close();
        });
        server.start();
        try (Page page = chromium.page(900, 700)) {
            page.navigate("http://localhost:" + server.getAddress().getPort() + "/stream.html?url=" + served.url());
            assertThat(page.locator("#answer")).containsText("deepseek-chat");
            assertThat(page).hasTitle("done");
            assertThat(page.locator("#answer")).containsText("Hello!");
        } finally {
            server.stop(0);
        }
    }
}
