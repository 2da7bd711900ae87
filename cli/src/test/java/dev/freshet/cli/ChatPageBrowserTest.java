package dev.freshet.cli;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import dev.freshet.simulator.Exchange;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The chat page in real Chromium, against a gateway and the simulator: what a person does with it.
class ChatPageBrowserTest extends ChatPageFixture {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    @Test
    void tokensAreShownAsTheyCome() {
        served.gatedModel("gated-page");
        ChatPage page = open().choose("gated-page");
        page.ask("Hello");
        String shown = "";
        for (String word : Served.WORDS) {
            if (!shown.isEmpty()) served.open("gated-page", word);
            shown += word;
            assertThat(page.text("gated-page")).hasText(shown);
        }
        page.awaitStatus("Complete.");
        assertThat(page.answer("gated-page").locator(".figures")).hasText(Pattern.compile("first token \\d.*tokens.*"));
    }

    @Test
    void stopStopsTheProviderAndRegenerateAsksAgain() throws InterruptedException {
        ChatPage page = open().choose("endless");
        page.ask("Tell me");
        assertThat(page.text("endless")).hasText("Once upon");
        Exchange exchange = asked("endless").getFirst();
        page.picture("running");
        page.button("Stop").click();
        page.awaitStatus("Stopped.");
        exchange.await(Exchange.State.CANCELLED, LIMIT);
        assertThat(page.answer("endless")).containsText("Stopped.");
        page.picture("stopped");

        int before = asked("endless").size();
        page.button("Regenerate").click();
        assertThat(page.button("Stop")).isVisible();
        assertThat(page.text("endless")).hasText("Once upon");
        page.picture("regenerating");
        page.tab.keyboard().press("Escape");
        page.awaitStatus("Stopped.");
        assertThat(asked("endless")).hasSize(before + 1);
        assertThat(page.tab.getByRole(AriaRole.ARTICLE)).hasCount(2);
    }

    @Test
    void anAnswerThatWasStoppedIsGoneOnWith() {
        ChatPage page = open();
        page.ask("What is Freshet?");
        assertThat(page.text("demo")).containsText("simulated model");
        page.button("Stop").click();
        page.awaitStatus("Stopped.");
        String half = page.kept();
        page.button("Continue").click();
        page.awaitStatus("Complete.");
        String whole = page.kept();
        assertThat(whole).startsWith(half).contains("Ask me how to *connect a provider* for more.");
        assertThat(whole.split("### What Freshet is", -1)).hasSize(2);
    }

    @Test
    void aFailureIsToldAndCanBeTriedAgain() {
        ChatPage page = open().choose("breaks");
        page.ask("Hello");
        assertThat(page.tab.getByRole(AriaRole.ALERT)).containsText("overloaded");
        assertThat(page.text("breaks")).hasText("All that came");
        assertThat(page.answer("breaks").locator(".error")).containsText("overloaded");
        page.picture("failed");
        int before = asked("breaks").size();
        page.button("Try again").click();
        assertThat(page.button("Try again")).isVisible();
        assertThat(page.tab.getByRole(AriaRole.ARTICLE)).hasCount(2);
        assertThat(asked("breaks")).hasSize(before + 1);
    }

    /// All of it without a pointer, and what one finds in the list afterwards.
    @Test
    void theDemoAnswersByKeyboardAloneAndIsThereAfterAReload() {
        ChatPage page = open();
        assertThat(page.model()).hasValue("demo");
        assertThat(page.message()).isFocused();
        page.tab.keyboard().type("What is Freshet?");
        page.tab.keyboard().press("Shift+Enter");
        page.tab.keyboard().type("In short.");
        page.tab.keyboard().press("Enter");
        page.awaitStatus("Complete.");
        assertThat(page.message()).isFocused();
        Locator answer = page.answer("demo");
        assertThat(answer.locator("table")).isVisible();
        assertThat(answer.locator("math[display=block] mfrac")).isVisible();
        assertThat(answer.locator("pre .hljs-keyword").first()).hasText("import");
        page.picture("chat");
        String text = answer.locator(".text").textContent();

        page.tab.reload();
        assertThat(page.text("demo")).hasText(text);
        for (int i = 0; i < 40 && !focused(page).equals("New chat"); i++)
            page.tab.keyboard().press("Tab");
        page.tab.keyboard().press("Enter");
        assertThat(page.tab.getByRole(AriaRole.ARTICLE)).hasCount(0);
        assertThat(page.message()).isFocused();
        for (int i = 0; i < 40 && !focused(page).startsWith("What is Freshet?"); i++)
            page.tab.keyboard().press("Shift+Tab");
        page.tab.keyboard().press("Enter");
        assertThat(page.text("demo")).hasText(text);
        assertThat(page.complaints()).isEmpty();
    }

    private static String focused(ChatPage page) {
        return String.valueOf(page.tab.evaluate("() => document.activeElement.textContent.trim()"));
    }

    @Test
    void theDemoShowsReasoningAStallAndAGuard() {
        ChatPage page = open();
        page.prompt("Reasoning").click();
        page.awaitStatus("Complete.");
        assertThat(page.answer("demo").locator("details")).not().hasAttribute("open", "");
        page.answer("demo").locator("summary").click();
        assertThat(page.answer("demo").locator(".thoughts")).containsText("nobody's promise");
        page.picture("reasoning");

        page.button("New chat").click();
        page.prompt("A provider that stalls").click();
        page.awaitStatus("Complete.");
        assertThat(page.text("demo")).containsText("and now I am back");
        assertThat(page.answer("demo").locator(".notes")).containsText("asked 2 times; what broke was gone on with.");
        page.picture("stall");

        page.button("New chat").click();
        page.prompt("A guard").click();
        page.awaitStatus("Complete.");
        assertThat(page.text("demo")).containsText("apple");
        assertThat(page.text("demo")).not().containsText("banana");
        assertThat(page.answer("demo").locator(".notes")).containsText("“no-bananas” stopped an attempt");
        page.picture("guard");
        assertThat(page.complaints()).isEmpty();
    }

    @Test
    void aPhoneAndTheDarkHaveRoomForEverything() {
        BrowserContext phone = chromium.profile(new Browser.NewContextOptions()
                .setViewportSize(360, 740)
                .setHasTouch(true)
                .setColorScheme(ColorScheme.DARK));
        try (ChatPage page = ChatPage.open(phone, served.url() + "/")) {
            page.picture("phone-welcome");
            page.ask("Show me a table and code");
            page.awaitStatus("Complete.");
            page.picture("phone");
            assertThat(page.tab.evaluate("() => document.documentElement.scrollWidth <= innerWidth"))
                    .isEqualTo(true);
            assertThat(page.button("New chat")).isHidden();
            page.button("Conversations").tap();
            assertThat(page.button("New chat")).isVisible();
            page.picture("phone-list");
            page.button("New chat").tap();
            assertThat(page.tab.getByRole(AriaRole.ARTICLE)).hasCount(0);
        } finally {
            phone.close();
        }
    }

    /// As on a home network: browsers leave out some of their functions there.
    @Test
    void aPageWithoutTlsUnderAnotherNameWorks() throws IOException {
        try (Served named = new Served("{port: 0, names: [app.example.com]}", "")) {
            String url = "http://app.example.com:" + named.gateway.address().getPort() + "/";
            try (ChatPage page = ChatPage.open(profile, url)) {
                assertThat(page.tab.evaluate("() => isSecureContext")).isEqualTo(false);
                page.ask("Hello");
                page.awaitStatus("Complete.");
                assertThat(page.text("demo")).containsText("simulated model");
                assertThat(page.complaints()).isEmpty();
            }
        }
    }

    @Test
    void lightAndDarkAreChosenAndKept() {
        ChatPage page = open();
        List<String> grounds = List.of(ground(page), clickTheme(page), clickTheme(page));
        assertThat(grounds.get(1)).isNotEqualTo(grounds.get(0));
        assertThat(grounds.get(2)).isEqualTo(grounds.get(0));
        String dark = clickTheme(page);
        page.at(served.url() + "/");
        assertThat(ground(page)).isEqualTo(dark);
        page.picture("dark");
    }

    private static String clickTheme(ChatPage page) {
        page.button("Dark or light").click();
        return ground(page);
    }

    private static String ground(ChatPage page) {
        return String.valueOf(page.tab.evaluate("() => getComputedStyle(document.body).backgroundColor"));
    }
}
