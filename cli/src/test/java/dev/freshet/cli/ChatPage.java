package dev.freshet.cli;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Locator.WaitForOptions;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Page.GetByLabelOptions;
import com.microsoft.playwright.Page.GetByRoleOptions;
import com.microsoft.playwright.assertions.LocatorAssertions.ContainsTextOptions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.WaitForSelectorState;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;

/// The chat page in a browser's tab, as a person and assistive technology find their way in it.
final class ChatPage implements AutoCloseable {
    private static final double LIMIT_MILLIS = 60_000;

    final Page tab;
    private final List<String> complaints = new CopyOnWriteArrayList<>();

    ChatPage(Page tab) {
        this.tab = tab;
        tab.onConsoleMessage(message -> {
            if (message.type().equals("error")) complaints.add(message.text());
        });
        tab.onPageError(complaints::add);
        tab.onFileChooser(_ -> {}); // from now on: where it is asked for only when it is awaited it may come too early
    }

    static ChatPage open(BrowserContext context, String url) {
        return new ChatPage(context.newPage()).at(url);
    }

    ChatPage at(String url) {
        tab.navigate(url);
        model().locator("option").first().waitFor(new WaitForOptions().setState(WaitForSelectorState.ATTACHED));
        return this;
    }

    /// What the console complained of: breaches of the policy too.
    List<String> complaints() {
        return complaints;
    }

    Locator model() {
        return tab.getByRole(AriaRole.COMBOBOX, new GetByRoleOptions().setName("Model"));
    }

    Locator message() {
        return tab.getByRole(AriaRole.TEXTBOX, new GetByRoleOptions().setName("Message"));
    }

    Locator button(String name) {
        return tab.getByRole(
                AriaRole.BUTTON, new GetByRoleOptions().setName(name).setExact(true));
    }

    /// One of the prompts that the demo model has an answer to.
    Locator prompt(String title) {
        return tab.getByRole(AriaRole.BUTTON, new GetByRoleOptions().setName(Pattern.compile("^" + title)));
    }

    /// Chooses a model, also one that the page does not list.
    ChatPage choose(String name) {
        model().evaluate(
                        "(select, name) => [...select.options].some(o => o.value === name) || select.add(new Option(name, name))",
                        name);
        model().selectOption(name);
        return this;
    }

    void ask(String text) {
        message().fill(text);
        button("Send").click();
    }

    /// Asks, and waits for the whole answer.
    void askAndWait(String text) {
        ask(text);
        assertThat(message()).hasValue("");
        awaitStatus("Complete.");
    }

    /// A field by its label, in a dialog too.
    Locator field(String label) {
        return tab.getByLabel(label, new GetByLabelOptions().setExact(true));
    }

    Locator dialog() {
        return tab.getByRole(AriaRole.DIALOG);
    }

    /// The last message of the user.
    Locator mine() {
        return tab.getByRole(
                        AriaRole.ARTICLE, new GetByRoleOptions().setName("You").setExact(true))
                .last();
    }

    /// Goes on by the Tab key until something has the focus.
    ///
    /// @param name what it is called, to begin with
    void tabTo(String name) {
        tabTo("Tab", name);
    }

    /// @param key `Tab` or `Shift+Tab`
    void tabTo(String key, String name) {
        for (int i = 0; i < 60; i++) {
            tab.keyboard().press(key);
            Object focused = tab.evaluate(
                    "() => { const e = document.activeElement; return e.ariaLabel || e.labels?.[0]?.textContent.trim() || e.textContent.trim(); }");
            if (String.valueOf(focused).startsWith(name)) return;
        }
        throw new AssertionError("the keyboard does not reach " + name);
    }

    /// The last answer of a model.
    Locator answer(String model) {
        return tab.getByRole(
                        AriaRole.ARTICLE, new GetByRoleOptions().setName(model).setExact(true))
                .last();
    }

    /// What the last answer of a model says.
    Locator text(String model) {
        return answer(model).locator(".text");
    }

    Locator status() {
        return tab.getByRole(AriaRole.STATUS);
    }

    void awaitStatus(String text) {
        assertThat(status()).containsText(text, new ContainsTextOptions().setTimeout(LIMIT_MILLIS));
    }

    /// The last answer as the browser keeps it: to the character what came.
    String kept() {
        return String.valueOf(tab.evaluate("""
                () => new Promise((resolve, reject) => {
                  const open = indexedDB.open('freshet');
                  open.onerror = () => reject(open.error);
                  open.onsuccess = () => {
                    const all = open.result.transaction('messages').objectStore('messages').getAll();
                    all.onsuccess = () => {
                      open.result.close();
                      const answers = all.result.filter(m => m.role === 'assistant').sort((a, b) => a.created - b.created);
                      resolve(answers.at(-1)?.content ?? '');
                    };
                  };
                })
                """));
    }

    void picture(String name) {
        tab.screenshot(new Page.ScreenshotOptions().setPath(Path.of("target/screenshots/" + name + ".png")));
    }

    @Override
    public void close() {
        tab.close();
    }
}
