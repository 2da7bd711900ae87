package dev.freshet.cli;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page.GetByTextOptions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Two answers side by side, what each took and cost, and what all of a day did; before a gateway whose models have
/// prices.
class ChatPageCompareBrowserTest extends ChatPageFixture {
    private static Served priced;

    @TempDir
    static Path folder;

    @BeforeAll
    static void startWithPrices() throws IOException {
        Path prices = Files.writeString(folder.resolve("prices.yaml"), """
                prices:
                  - {provider: sim, model: tokens-200-at-100, input: 1usd, output: 100usd}
                  - {provider: sim, model: tokens-100-at-50, input: 1usd, output: 10usd}
                  - {provider: sim, model: tokens-5, input: 1usd, output: 10usd}
                """);
        priced = new Served("""
                prices: %s
                data: %s
                providers: {sim: {base_url: "%s"}}
                models:
                  large: {targets: [{provider: sim, model: tokens-200-at-100}]}
                  small: {targets: [{provider: sim, model: tokens-100-at-50}]}
                  patient: {targets: [{provider: sim, model: status-500}, {provider: sim, model: tokens-5}], retry: {attempts: 1}}
                """.formatted(prices, folder.resolve("data"), served.simulator.baseUri()));
    }

    @AfterAll
    static void stopThat() {
        priced.close();
    }

    private ChatPage openPriced() {
        return ChatPage.open(profile, priced.url() + "/");
    }

    @Test
    void twoModelsAnswerSideBySideAndOneIsGoneOnWith() {
        ChatPage page = openPriced().choose("large");
        page.button("Compare").click();
        page.tab.getByLabel("Compare with").selectOption("small");
        page.ask("Count");
        assertThat(page.text("large")).containsText("1 2 3 ");
        assertThat(page.text("small")).containsText("1 2 3 ");
        Locator pair = page.tab.locator(".pair");
        assertThat(pair.locator("article")).hasCount(2);
        page.picture("compare-running");
        page.awaitStatus("Complete.");
        assertThat(page.answer("large")).containsText("200 tokens · $0.02");
        assertThat(page.answer("small")).containsText("100 tokens · $0.001");
        assertThat(page.answer("small")).containsText("first token");
        assertThat(pair.getByRole(AriaRole.IMG))
                .hasAttribute(
                        "aria-label",
                        Pattern.compile(
                                "large: 200 tokens in .*, the first after .*; small: 100 tokens in .*, the first after .*"));
        page.picture("compare");

        page.button("Go on with this one").click();
        assertThat(page.answer("small")).containsText("Goes on from here");
        page.button("Compare").click(); // one model again
        page.choose("small");
        page.askAndWait("And on");
        assertThat(lastRequest("tokens-100-at-50")
                        .get("messages")
                        .get(1)
                        .get("content")
                        .asString())
                .startsWith("1 2 3")
                .endsWith(" 100 ");
        page.tab.reload();
        assertThat(page.tab.locator(".pair article")).hasCount(2);
        assertThat(page.complaints()).isEmpty();
    }

    @Test
    void byKeyboardAndOnAPhoneInTheDarkToo() {
        BrowserContext phone = chromium.profile(
                new Browser.NewContextOptions().setViewportSize(390, 844).setColorScheme(ColorScheme.DARK));
        try (ChatPage page = ChatPage.open(phone, priced.url() + "/").choose("large")) {
            page.tabTo("Compare");
            page.tab.keyboard().press("Enter");
            assertThat(page.tab.getByLabel("Compare with")).isFocused();
            page.tab.keyboard().type("small");
            page.message().focus();
            page.tab.keyboard().type("Count");
            page.tab.keyboard().press("Enter");
            page.awaitStatus("Complete.");
            page.tabTo("Shift+Tab", "Go on with this one");
            page.tab.keyboard().press("Enter");
            assertThat(page.answer("small")).containsText("Goes on from here");
            page.picture("compare-phone");
            assertThat(page.tab.evaluate("() => document.documentElement.scrollWidth <= innerWidth"))
                    .isEqualTo(true);
        } finally {
            phone.close();
        }
    }

    @Test
    void aChatKeepsItsModel() {
        ChatPage page = openPriced().choose("large");
        page.askAndWait("Count");
        String large = page.tab.url();
        page.button("New chat").click();
        page.choose("small").askAndWait("Count");
        page.tab.navigate("about:blank");
        page.at(large);
        assertThat(page.model()).hasValue("large");
    }

    @Test
    void stopStopsBoth() {
        ChatPage page = openPriced().choose("large");
        page.button("Compare").click();
        page.tab.getByLabel("Compare with").selectOption("small");
        page.ask("Count");
        assertThat(page.text("large")).containsText("1 2 3 ");
        assertThat(page.text("small")).containsText("1 2 3 ");
        page.button("Stop").click();
        page.awaitStatus("Stopped.");
        assertThat(page.tab.getByText("Stopped.", new GetByTextOptions().setExact(true)))
                .hasCount(3); // and once for who hears it
    }

    @Test
    void whatAnAnswerTookIsAPictureAndWhoWasAskedIsListed() {
        ChatPage page = openPriced().choose("large");
        page.askAndWait("Count");
        Locator figures = page.answer("large").locator(".figures");
        figures.click();
        assertThat(figures).hasAttribute("aria-expanded", "true");
        assertThat(page.answer("large").getByRole(AriaRole.IMG))
                .hasAttribute("aria-label", Pattern.compile("200 tokens in .*, the first after .*"));
        Object points =
                page.tab.evaluate("() => document.querySelector('.chart .curve').getAttribute('d').split('L').length");
        assertThat(((Number) points).intValue()).isBetween(20, 240);
        page.picture("took");

        page.choose("patient").askAndWait("Again");
        assertThat(page.answer("patient").locator(".notes")).containsText("asked 2 times; nothing had come before.");
        page.tab.keyboard().press("Shift+Tab"); // from the message to what is before it
        page.tabTo("Shift+Tab", "first token");
        page.tab.keyboard().press("Enter");
        assertThat(page.answer("patient").locator(".attempts li")).hasCount(2);
        assertThat(page.answer("patient").locator(".attempts")).containsText("sim status-500: upstream failed");
        assertThat(page.answer("patient").locator(".attempts")).containsText("sim tokens-5: complete · 5 tokens");
        page.picture("attempts");
    }

    @Test
    void whatEachDayCostIsTold() {
        ChatPage page = openPriced().choose("large");
        page.askAndWait("Count");
        Locator today = page.tab.locator("#today");
        assertThat(today).hasText(Pattern.compile("Today \\$0\\.0.*"));
        today.click();
        assertThat(page.dialog()).containsText("In 30 days:");
        assertThat(page.dialog().locator("tbody").first()).containsText("large");
        assertThat(page.dialog().getByRole(AriaRole.IMG))
                .hasAttribute("aria-label", Pattern.compile("Cost a day; most on \\d{4}-\\d\\d-\\d\\d: .*"));
        assertThat(page.dialog().locator(".bar")).hasCount(30);
        page.picture("spent");
        page.tab.keyboard().press("Escape");
        today.focus();
        page.tab.keyboard().press("Enter");
        assertThat(page.dialog()).isVisible();
        page.tab.keyboard().press("Escape");
        assertThat(page.dialog()).isHidden();
    }

    @Test
    void whereNoLedgerIsKeptNothingIsTold() throws IOException {
        try (Served without = new Served("ledger: off\n");
                ChatPage page = ChatPage.open(profile, without.url() + "/")) {
            page.askAndWait("Hello");
            assertThat(page.tab.locator("#today")).isHidden();
        }
    }
}
