package dev.freshet.cli;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.FilePayload;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The page for those who use it with assistive technology: axe-core's rules in each of its states, and what is said.
class ChatPageAccessBrowserTest extends ChatPageFixture {
    private static String axe;

    @BeforeAll
    static void readAxe() throws IOException {
        axe = Files.readString(Program.browserModules().resolve("axe-core/axe.min.js"));
    }

    private static void isAccessible(ChatPage page) {
        page.tab.evaluate(axe + "; undefined");
        Object violations = page.tab.evaluate("""
                async () => (await axe.run()).violations.flatMap(v => v.nodes.map(n => `${v.id}: ${n.html}`))
                """);
        assertThat((List<?>) violations).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(
            value = ColorScheme.class,
            names = {"LIGHT", "DARK"})
    void axeFindsNothingInAnyState(ColorScheme scheme) {
        BrowserContext profile = chromium.profile(
                new Browser.NewContextOptions().setViewportSize(1000, 800).setColorScheme(scheme));
        try (ChatPage page = ChatPage.open(profile, served.url() + "/")) {
            isAccessible(page);
            page.ask("What is Freshet?");
            assertThat(page.text("demo")).containsText("simulated");
            isAccessible(page);
            page.awaitStatus("Complete.");
            assertThat(page.answer("demo").locator(".hljs-keyword").first()).isVisible();
            isAccessible(page);
            page.choose("breaks").ask("Break");
            assertThat(page.button("Try again")).isVisible();
            isAccessible(page);
            page.choose("demo").ask("Think it through: why do streams break?");
            page.awaitStatus("Complete.");
            page.answer("demo").locator("summary").click();
            isAccessible(page);
            page.tab.setViewportSize(360, 740);
            isAccessible(page);
            page.button("Conversations").click();
            isAccessible(page);
        } finally {
            profile.close();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = ColorScheme.class,
            names = {"LIGHT", "DARK"})
    void norInItsDialogsAndWhatStandsBelowAnAnswer(ColorScheme scheme) {
        BrowserContext both = chromium.profile(
                new Browser.NewContextOptions().setViewportSize(1000, 800).setColorScheme(scheme));
        try (ChatPage page = ChatPage.open(both, served.url() + "/")) {
            page.prompt("A tool").click();
            page.awaitStatus("Complete.");
            isAccessible(page);
            page.field("Result of weather").fill("Snow");
            page.button("Give the result").click();
            assertThat(page.text("demo")).containsText("Snow");
            page.awaitStatus("Complete.");
            page.button("Regenerate").last().click();
            page.awaitStatus("Complete.");
            page.answer("demo").locator(".figures").click();
            isAccessible(page);
            page.button("Compare").click();
            page.tab.locator("#files").setInputFiles(new FilePayload("a.txt", "text/plain", new byte[] {65}));
            page.askAndWait("A table");
            assertThat(page.tab.locator(".compared .chart")).isVisible();
            page.button("Edit").last().click();
            isAccessible(page);
            page.button("Cancel").click();
            page.button("Settings").click();
            page.field("Stop an answer that …").selectOption("says something");
            isAccessible(page);
            page.tab.keyboard().press("Escape");
            page.tab.locator("#today").click();
            isAccessible(page);
            page.tab.keyboard().press("Escape");
            page.button("Export").click();
            isAccessible(page);
            page.tab.keyboard().press("Escape");
            page.field("Search").fill("weather");
            assertThat(page.tab.locator("mark")).isVisible();
            isAccessible(page);
        } finally {
            both.close();
        }
    }

    @Test
    void theSignInIsAccessible() throws IOException {
        BrowserContext profile = chromium.profile();
        try (Served guarded = new Served("access: keys\n");
                ChatPage page = new ChatPage(profile.newPage())) {
            page.tab.navigate(guarded.url() + "/");
            assertThat(page.tab.getByRole(AriaRole.DIALOG)).isVisible();
            isAccessible(page);
        } finally {
            profile.close();
        }
    }

    /// One short sentence at a time: the answer's text would be read token by token.
    @Test
    void theStatusIsSaidAndTheTranscriptIsNot() {
        BrowserContext profile = chromium.profile();
        try (ChatPage page = ChatPage.open(profile, served.url() + "/").choose("endless")) {
            page.tab.evaluate("""
                    () => {
                      window.said = []; // to say nothing is no saying
                      const status = document.querySelector('[role=status]');
                      new MutationObserver(() => status.textContent && said.push(status.textContent)).observe(status, {childList: true, characterData: true, subtree: true});
                    }
                    """);
            page.ask("Tell me");
            assertThat(page.text("endless")).hasText("Once upon");
            page.button("Stop").click();
            page.awaitStatus("Stopped.");
            page.choose("demo").ask("Hello");
            page.awaitStatus("Complete.");
            assertThat(page.tab.evaluate("() => said"))
                    .isEqualTo(List.of("Generating…", "Stopped.", "Generating…", "Complete."));
            assertThat(page.tab.locator("article")).hasCount(4);
            assertThat(page.tab.locator("#transcript [aria-live], #transcript [role=status], #transcript [role=log]"))
                    .hasCount(0);
            assertThat(page.tab.locator("article").first()).hasAttribute("aria-label", "You");
            assertThat(page.tab.locator("article").last()).hasAttribute("aria-label", "demo");
        } finally {
            profile.close();
        }
    }
}
