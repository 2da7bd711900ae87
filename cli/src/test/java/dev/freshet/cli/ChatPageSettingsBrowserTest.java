package dev.freshet.cli;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.options.AriaRole;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// How a chat is asked: system prompt, parameters, and a rule of the user's that stops an answer, seen at work.
class ChatPageSettingsBrowserTest extends ChatPageFixture {
    private static final String FRUIT = "Which fruit should I take on the train?";

    @BeforeAll
    static void models() {
        served.simulator.script("says-it", saying("As asked.", 5));
    }

    @Test
    void systemPromptAndParametersReachTheProviderAndStayWithTheChat() {
        ChatPage page = open().choose("says-it");
        page.button("Settings").click();
        page.field("System prompt").fill("Answer in one word.");
        page.field("Temperature").fill("0.3");
        page.field("Top-p").fill("0.9");
        page.field("Longest answer").fill("77");
        page.field("Reasoning effort").selectOption("low");
        page.field("More of the request, as JSON").fill("{\"seed\": 7}");
        page.picture("settings");
        page.button("Done").click();
        page.askAndWait("Well?");
        JsonNode request = lastRequest("says-it");
        assertThat(request.get("messages").get(0).get("role").asString()).isEqualTo("system");
        assertThat(request.get("messages").get(0).get("content").asString()).isEqualTo("Answer in one word.");
        assertThat(request.get("temperature").asDouble()).isEqualTo(0.3);
        assertThat(request.get("top_p").asDouble()).isEqualTo(0.9);
        assertThat(request.get("max_tokens").asInt()).isEqualTo(77);
        assertThat(request.get("reasoning_effort").asString()).isEqualTo("low");
        assertThat(request.get("seed").asInt()).isEqualTo(7);
        page.answer("says-it").locator(".figures").click();
        assertThat(page.answer("says-it")).containsText("Asked with a system prompt, temperature 0.3");

        page.button("New chat").click();
        assertThat(page.tab.locator("#settings-open")).not().hasClass("quiet set");
        page.tab.goBack();
        page.tab.reload();
        assertThat(page.text("says-it")).hasText("As asked."); // with what is set for it
        page.button("Settings").click();
        assertThat(page.field("System prompt")).hasValue("Answer in one word.");
        assertThat(page.field("Temperature")).hasValue("0.3");
        page.button("Reset").click();
        page.button("Done").click();
        page.choose("says-it").askAndWait("And now?");
        assertThat(lastRequest("says-it").has("temperature")).isFalse();
        assertThat(page.complaints()).isEmpty();
    }

    @Test
    void byKeyboardTooAndWhatIsNoJsonIsSaid() {
        ChatPage page = open().choose("says-it");
        page.tabTo("Settings");
        page.tab.keyboard().press("Enter");
        assertThat(page.field("System prompt")).isFocused();
        page.tab.keyboard().type("Be brief.");
        page.tabTo("More of the request");
        page.tab.keyboard().type("seed: 7");
        assertThat(page.tab.evaluate("() => document.activeElement.validationMessage"))
                .asString()
                .contains("no JSON object");
        page.tabTo("Done");
        page.tab.keyboard().press("Enter");
        assertThat(page.dialog()).isVisible(); // it stays open until that is mended
        page.field("More of the request, as JSON").fill("{\"seed\": 8}");
        page.tabTo("Done");
        page.tab.keyboard().press("Enter");
        assertThat(page.dialog()).isHidden();
        assertThat(page.message()).isFocused();
        page.tab.keyboard().type("Well?");
        page.tab.keyboard().press("Enter");
        page.awaitStatus("Complete.");
        assertThat(lastRequest("says-it").get("seed").asInt()).isEqualTo(8);
        assertThat(lastRequest("says-it").get("messages").get(0).get("content").asString())
                .isEqualTo("Be brief.");
    }

    @Test
    void aRuleStopsAnAnswerAndHasItAskedAgain() {
        ChatPage page = open();
        page.button("Settings").click();
        page.field("Stop an answer that …").selectOption("says something");
        page.field("One of these (between commas)").fill("banana, plantain");
        page.field("Ask again with").fill("Not that: {match}. Name another fruit.");
        page.picture("rule");
        page.button("Done").click();
        page.ask(FRUIT);
        assertThat(page.answer("demo")).containsText("Your rule looks at the first words");
        page.picture("rule-looking");
        page.awaitStatus("Complete.");
        assertThat(page.text("demo")).containsText("apple");
        assertThat(page.text("demo")).not().containsText("banana");
        assertThat(page.answer("demo").locator(".notes"))
                .containsText("Your rule stopped an attempt and asked again: “banana” at character");
        assertThat(asked("demo").getLast().body()).contains("Not that: banana. Name another fruit.");
        page.answer("demo").locator(".figures").click();
        assertThat(page.answer("demo").locator(".attempts li").first()).containsText("stopped by a rule");
        assertThat(page.answer("demo").locator(".attempts li").last()).containsText("complete");
        page.picture("rule-at-work");
        assertThat(page.complaints()).isEmpty();
    }

    @Test
    void aRuleByKeyboardEndsAnAnswer() {
        ChatPage page = open();
        page.tabTo("Settings");
        page.tab.keyboard().press("Enter");
        page.tabTo("Stop an answer that");
        page.tab.keyboard().type("says");
        page.tabTo("One of these");
        page.tab.keyboard().type("banana");
        page.tabTo("and then");
        page.tab.keyboard().type("end");
        page.tabTo("Done");
        page.tab.keyboard().press("Enter");
        assertThat(page.message()).isFocused();
        page.tab.keyboard().type(FRUIT);
        page.tab.keyboard().press("Enter");
        page.awaitStatus("Complete.");
        assertThat(page.text("demo")).not().containsText("banana");
        assertThat(page.answer("demo").locator(".notes"))
                .containsText("Your rule ended the answer: “banana” at character");
        page.picture("rule-ended");
    }

    /// What the form can say is what the gateway understands.
    @Test
    void everyKindOfRuleIsTaken() {
        ChatPage page = open();
        Object statuses = page.tab.evaluate("""
                async () => {
                  const { guardOf } = await import('/chat/request.js');
                  const rules = [['says', 'a, b'], ['matches', '[0-9]{9}'], ['language', 'de, en'], ['refuses', ''], ['repeats', ''], ['tokens', '900']];
                  const made = [];
                  for (const [kind, value] of rules) for (const then of kind === 'tokens' ? ['end'] : ['end', 'again']) {
                    const guard = guardOf({ kind, value, then, append: 'Better.' });
                    const body = JSON.stringify({ model: 'tokens-3', stream: true, messages: [{ role: 'user', content: 'x' }], freshet: { guard } });
                    const response = await fetch('/v1/chat/completions', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body });
                    made.push(response.status === 200 && (await response.text()).includes('[DONE]') ? 'taken' : kind);
                  }
                  return [...new Set(made)];
                }
                """);
        assertThat(statuses).isEqualTo(List.of("taken"));
    }

    /// A wrong expression is the gateway's to judge, and the page says what it said.
    @Test
    void aRuleThatIsNoneIsSaid() {
        ChatPage page = open();
        page.button("Settings").click();
        page.field("Stop an answer that …").selectOption("matches an expression");
        page.field("A regular expression (RE2)").fill("(");
        page.field("and then").selectOption("end it there");
        page.button("Done").click();
        page.ask("Hello");
        assertThat(page.tab.getByRole(AriaRole.ALERT)).containsText("matches");
        assertThat(page.button("Try again")).isVisible();
    }
}
