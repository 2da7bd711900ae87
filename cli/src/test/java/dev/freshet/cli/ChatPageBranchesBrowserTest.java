package dev.freshet.cli;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// A conversation is a tree: messages are edited and asked again, answers have versions, and nothing of it is lost,
/// with
/// two tabs at once neither.
class ChatPageBranchesBrowserTest extends ChatPageFixture {
    @BeforeAll
    static void models() {
        served.simulator.script("says-one", saying("The first answer.", 5));
        served.simulator.script("says-two", saying("The second answer.", 5));
        served.simulator.script("says-three", saying("The third answer.", 5));
    }

    /// The texts of what was asked last of a model.
    private static String said(String model) {
        return StreamSupport.stream(lastRequest(model).get("messages").spliterator(), false)
                .map(one ->
                        one.get("role").asString() + ": " + one.get("content").asString())
                .reduce("", (all, one) -> all + one + "\n");
    }

    @Test
    void aMessageIsEditedAndTheFirstVersionStays() {
        ChatPage page = open().choose("says-one");
        page.askAndWait("What is good?");
        page.choose("says-two");
        page.mine().hover();
        page.button("Edit").click();
        assertThat(page.message()).hasValue("What is good?");
        page.picture("editing");
        page.ask("What is better?");
        page.awaitStatus("Complete.");
        assertThat(page.mine()).containsText("What is better?");
        assertThat(page.text("says-two")).hasText("The second answer.");
        assertThat(page.tab.getByRole(AriaRole.ARTICLE)).hasCount(2);
        assertThat(said("says-two")).isEqualTo("user: What is better?\n");
        assertThat(page.mine()).containsText("2 of 2");
        page.mine().hover();
        page.picture("versions");

        page.button("Earlier version").click();
        assertThat(page.mine()).containsText("What is good?");
        assertThat(page.text("says-one")).hasText("The first answer.");
        page.choose("says-three");
        page.askAndWait("And then?");
        assertThat(said("says-three"))
                .isEqualTo("user: What is good?\nassistant: The first answer.\nuser: And then?\n");

        page.tab.reload(); // the path that was looked at last
        assertThat(page.text("says-three")).hasText("The third answer.");
        assertThat(page.complaints()).isEmpty();
    }

    @Test
    void byKeyboardTooAndEscapeLeavesItAsItWas() {
        ChatPage page = open().choose("says-one");
        page.message().focus();
        page.tab.keyboard().type("What is good?");
        page.tab.keyboard().press("Enter");
        page.awaitStatus("Complete.");
        page.tab.keyboard().press("ArrowUp");
        assertThat(page.message()).hasValue("What is good?");
        page.tab.keyboard().press("Escape");
        assertThat(page.message()).hasValue("");
        assertThat(page.tab.getByRole(AriaRole.ARTICLE)).hasCount(2);

        page.tab.keyboard().press("ArrowUp");
        page.tab.keyboard().press("ControlOrMeta+a");
        page.tab.keyboard().type("What is best?");
        page.tab.keyboard().press("Enter");
        assertThat(page.mine()).containsText("2 of 2");
        page.awaitStatus("Complete.");
        page.tabTo("Shift+Tab", "Earlier version");
        page.tab.keyboard().press("Enter");
        assertThat(page.mine()).containsText("What is good?");
        assertThat(page.button("Later version")).isFocused(); // one goes on from there
        page.tab.keyboard().press("Enter");
        assertThat(page.mine()).containsText("What is best?");
    }

    @Test
    void anotherAnswerIsAVersionToo() {
        ChatPage page = open().choose("says-one");
        page.askAndWait("What is good?");
        page.choose("says-two");
        page.button("Regenerate").click();
        page.awaitStatus("Complete.");
        assertThat(page.text("says-two")).hasText("The second answer.");
        assertThat(page.answer("says-two")).containsText("2 of 2");
        page.button("Earlier version").click();
        assertThat(page.text("says-one")).hasText("The first answer.");
        page.choose("says-three");
        page.askAndWait("And then?");
        assertThat(said("says-three")).contains("The first answer.").doesNotContain("The second answer.");
    }

    /// Two tabs that say something to the same answer make two branches, and each stays with its own.
    @Test
    void twoTabsThatWriteTheSameConversationKeepBoth() {
        try (ChatPage first = open().choose("says-one")) {
            first.askAndWait("What is good?");
            Page deaf = profile.newPage(); // it says its own before it has heard of the first one's
            deaf.addInitScript("BroadcastChannel.prototype.addEventListener = () => {}");
            try (ChatPage second = new ChatPage(deaf).at(first.tab.url())) {
                assertThat(second.text("says-one")).hasText("The first answer.");
                first.choose("tokens-40-at-40");
                second.choose("tokens-41-at-40");
                first.ask("From the first tab");
                second.ask("From the second tab");
                first.awaitStatus("Complete.");
                second.awaitStatus("Complete.");
                assertThat(first.mine()).containsText("From the first tab");
                assertThat(first.mine()).containsText("1 of 2");
                assertThat(first.text("tokens-40-at-40")).containsText(" 39 40");
                assertThat(second.mine()).containsText("From the second tab");
                assertThat(second.text("tokens-41-at-40")).containsText(" 40 41");
                first.picture("two-tabs");
            }
            first.tab.reload();
            assertThat(first.mine()).containsText("of 2");
            first.button(first.mine().textContent().contains("1 of 2") ? "Later version" : "Earlier version")
                    .click();
            assertThat(first.mine()).containsText("of 2");
            assertThat(first.tab.evaluate(COUNT)).isEqualTo("2 user, 2 running or done with their text");
        }
    }

    private static final String COUNT = """
            async () => {
              const open = await new Promise(done => { const r = indexedDB.open('freshet'); r.onsuccess = () => done(r.result); });
              const all = await new Promise(done => { const r = open.transaction('messages').objectStore('messages').getAll(); r.onsuccess = () => done(r.result); });
              open.close();
              const tabs = all.filter(m => /From the/.test(m.content)).length;
              const whole = all.filter(m => m.state === 'done' && /^1 2 .* (40|41) $/.test(m.content)).length;
              return `${tabs} user, ${whole} running or done with their text`;
            }
            """;

    /// As two tabs do: what one changes of a conversation the other does not take back.
    @Test
    void changesOfTwoTabsMeetInOneRecord() {
        ChatPage page = open();
        Object kept = page.tab.evaluate("""
                async () => {
                  const { History } = await import('/chat/history.js');
                  const [a, b] = [await History.open(), await History.open()];
                  await a.change('x', {}, { id: 'x', title: 't', created: 1, updated: 1, model: 'm' });
                  await Promise.all([a.change('x', { leaf: 'l' }), b.change('x', { model: 'n' }), a.change('x', { updated: 2 }), b.change('y', { leaf: 'l' })]);
                  const { title, leaf, model, updated } = await b.conversation('x');
                  return [title, leaf, model, updated, await b.conversation('y') ?? 'nothing'].join();
                }
                """);
        assertThat(kept).isEqualTo("t,l,n,2,nothing");
    }

    /// Of one answer that two tabs read, the end of one is not overwritten by what the other still has.
    @Test
    void ofOneAnswerTheNewestFormCounts() {
        ChatPage page = open();
        Object kept = page.tab.evaluate("""
                async () => {
                  const { newer } = await import('/chat/history.js');
                  const running = { turn: 1, state: 'running', content: 'half' };
                  const longer = { turn: 1, state: 'running', content: 'half and more' };
                  const done = { turn: 1, state: 'done', content: 'whole', figures: { first: 0 } };
                  const asker = { turn: 1, state: 'done', content: 'whole', figures: { first: 9 } };
                  const failed = { turn: 1, state: 'failed', content: 'ha' };
                  const again = { turn: 2, state: 'running', content: 'whole, and' };
                  return [newer(undefined, running), newer(done, running), newer(longer, running), newer(running, done), newer(failed, done), newer(done, failed), newer(asker, done), newer(done, again), newer(again, done)]
                    .map(m => m.content + (m.figures?.first ?? ''));
                }
                """);
        assertThat(String.valueOf(kept))
                .isEqualTo("[half, whole0, half and more, whole0, whole0, whole0, whole9, whole, and, whole, and]");
    }
}
