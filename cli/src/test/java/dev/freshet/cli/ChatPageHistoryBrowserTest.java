package dev.freshet.cli;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page.WaitForConditionOptions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.FilePayload;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The history: what is found in it, how it leaves and comes back, and how fast it is when there is much.
class ChatPageHistoryBrowserTest extends ChatPageFixture {
    private static final int OPEN_MILLIS = 300;
    private static final int SEARCH_MILLIS = 100;

    @BeforeAll
    static void models() {
        served.simulator.script("otter", saying("An otter sleeps on its back, holding paws. Smörgåsbord.", 9));
        served.simulator.script("heron", saying("A heron waits in the shallow water for hours.", 9));
    }

    private static void twoChats(ChatPage page) {
        page.choose("otter").askAndWait("Tell me of the one animal");
        page.button("New chat").click();
        page.choose("heron").askAndWait("Tell me of the other animal");
    }

    private static Locator list(ChatPage page) {
        return page.tab.locator("#list a");
    }

    @Test
    void searchFindsWhatWasSaidAndLeadsThere() {
        ChatPage page = open();
        twoChats(page);
        assertThat(list(page)).hasCount(2);
        page.field("Search").fill("sleeps PAWS");
        assertThat(list(page)).hasCount(1);
        assertThat(list(page).first()).containsText("Tell me of the one animal");
        assertThat(list(page).locator(".excerpt")).containsText("An otter sleeps on its back");
        page.picture("search");
        list(page).first().click();
        assertThat(page.text("otter")).containsText("An otter sleeps");
        assertThat(page.tab.locator("article.found")).containsText("An otter sleeps");
        page.field("Search").fill("smorgas"); // without its accents, and half of it
        assertThat(list(page)).hasCount(1);
        page.field("Search").fill("otter heron");
        assertThat(page.tab.getByText("Nothing was found.")).isVisible();
        page.field("Search").fill("");
        assertThat(list(page)).hasCount(2);
        assertThat(page.complaints()).isEmpty();
    }

    @Test
    void searchByKeyboardToo() {
        ChatPage page = open();
        twoChats(page);
        page.tab.keyboard().press("ControlOrMeta+k");
        assertThat(page.field("Search")).isFocused();
        page.tab.keyboard().type("animal");
        assertThat(page.tab.getByText("2 found")).isVisible();
        page.tab.keyboard().press("ArrowDown");
        page.tab.keyboard().press("ArrowDown");
        assertThat(list(page).last()).isFocused();
        page.tab.keyboard().press("Enter");
        assertThat(page.text("otter")).containsText("An otter sleeps");
        page.tab.keyboard().press("ControlOrMeta+k");
        page.tab.keyboard().press("Escape");
        assertThat(page.field("Search")).hasValue("");
        page.tab.keyboard().press("ControlOrMeta+Shift+O");
        assertThat(page.tab.getByRole(AriaRole.ARTICLE)).hasCount(0);
        assertThat(page.message()).isFocused();
    }

    /// What was deleted is found no more, nor are its words kept.
    @Test
    void deletingForgetsTheWordsToo() {
        ChatPage page = open();
        twoChats(page);
        page.field("Search").fill("otter");
        assertThat(list(page)).hasCount(1);
        page.tab.onDialog(dialog -> dialog.accept());
        page.button("Delete Tell me of the one animal").click();
        page.field("Search").fill("");
        assertThat(list(page)).hasCount(1);
        page.tab.waitForCondition(() -> page.tab.evaluate("""
                async () => {
                  const open = await new Promise(done => { const r = indexedDB.open('freshet-words'); r.onsuccess = () => done(r.result); });
                  const all = await new Promise(done => { const r = open.transaction('words').objectStore('words').getAll(); r.onsuccess = () => done(r.result); });
                  open.close();
                  return all.length > 0 && !JSON.stringify(all).includes('otter');
                }
                """).equals(true));
    }

    private static String saved(ChatPage page, String button) throws IOException {
        Download download = page.tab.waitForDownload(() -> page.button(button).click());
        return Files.readString(download.path());
    }

    @Test
    void whatWasExportedComesBackInAnotherBrowser() throws IOException {
        ChatPage page = open();
        twoChats(page);
        page.button("Regenerate").click();
        page.awaitStatus("Complete.");
        page.button("Export").click();
        page.picture("export");
        assertThat(saved(page, "This chat as Markdown"))
                .isEqualTo(
                        "# Tell me of the other animal\n\n## You\n\nTell me of the other animal\n\n## heron\n\nA heron waits in the shallow water for hours.\n");
        JsonNode one = JsonMapper.shared().readTree(saved(page, "This chat as JSON"));
        assertThat(one.get("conversations")).hasSize(1);
        assertThat(one.get("conversations").get(0).get("messages")).hasSize(3);
        page.button("Everything as JSON").focus(); // and by keyboard
        Download download = page.tab.waitForDownload(() -> page.tab.keyboard().press("Enter"));
        String all = Files.readString(download.path());

        try (var other = chromium.profile();
                ChatPage empty = ChatPage.open(other, served.url() + "/")) {
            // by keyboard
            empty.tabTo("Shift+Tab", "Export");
            empty.tab.keyboard().press("Enter");
            empty.tabTo("Import JSON");
            FilePayload file = new FilePayload("all.json", "application/json", all.getBytes(StandardCharsets.UTF_8));
            empty.tab
                    .waitForFileChooser(() -> empty.tab.keyboard().press("Enter"))
                    .setFiles(file);
            assertThat(empty.dialog()).containsText("2 conversations are here now.");
            empty.tab
                    .waitForFileChooser(() -> empty.button("Import JSON").click())
                    .setFiles(file); // once more: nothing is there twice
            assertThat(empty.dialog()).containsText("2 conversations are here now.");
            empty.tab.keyboard().press("Escape");
            assertThat(list(empty)).hasCount(2);
            empty.tab.getByText("Tell me of the other animal").click();
            assertThat(empty.answer("heron")).containsText("2 of 2");
            empty.field("Search").fill("paws");
            assertThat(list(empty)).hasCount(1);
            assertThat(empty.complaints()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "no JSON",
                "{\"conversations\": []}",
                "{\"format\": \"freshet.chat\", \"version\": 2, \"conversations\": []}",
                "{\"format\": \"freshet.chat\", \"version\": 1, \"conversations\": [{\"id\": \"<b>\"}]}",
                "{\"format\": \"freshet.chat\", \"version\": 1, \"conversations\": [{\"id\": \"a\", \"title\": \"t\", \"messages\": [{\"id\": \"m\", \"parent\": null, \"role\": \"system\", \"content\": \"\"}]}]}",
                "{\"format\": \"freshet.chat\", \"version\": 1, \"conversations\": [{\"id\": \"a\", \"title\": \"t\", \"messages\": [{\"id\": \"m\", \"parent\": null, \"role\": \"user\", \"content\": \"\", \"files\": [{\"name\": \"x\", \"type\": \"image/png\", \"url\": \"https://evil.example/a.png\"}]}]}]}",
            })
    void whatIsNoExportIsRefusedWhole(String content) {
        ChatPage page = open();
        page.button("Export").click();
        page.tab
                .locator("#import-file")
                .setInputFiles(new FilePayload("x.json", "application/json", content.getBytes(StandardCharsets.UTF_8)));
        assertThat(page.dialog()).containsText(Pattern.compile("This (file|JSON) (is|was) "));
        page.tab.keyboard().press("Escape");
        assertThat(list(page)).hasCount(0);
        assertThat(page.complaints()).isEmpty();
    }

    /// A file from elsewhere may hold anything: messages in a circle, texts that attack, shapes that are wrong within.
    @Test
    void aHostileImportHarmsNothing() {
        ChatPage page = open();
        page.button("Export").click();
        String content = """
                {"format": "freshet.chat", "version": 1, "conversations": [{"id": "a", "title": "<img src=x onerror=window.owned=1>", "created": 1, "updated": 1, "model": {}, "messages": [
                  {"id": "m", "parent": "n", "role": "user", "content": "round"}, {"id": "n", "parent": "m", "role": "assistant", "content": "and round"},
                  {"id": "o", "parent": null, "role": "user", "content": "Hello"},
                  {"id": "p", "parent": "o", "role": "assistant", "model": "<script>window.owned=2</script>", "content": "<img src=x onerror=window.owned=3>", "state": "running",
                   "figures": {"first": 1, "speed": 1, "tokens": 1, "estimated": false, "cost": 1}, "pace": {"at": [], "tokens": [], "marks": []}}]}]}
                """;
        page.tab
                .locator("#import-file")
                .setInputFiles(new FilePayload("x.json", "application/json", content.getBytes(StandardCharsets.UTF_8)));
        assertThat(page.dialog()).containsText("1 conversation is here now.");
        page.tab.keyboard().press("Escape");
        list(page).first().click();
        assertThat(page.mine()).containsText("Hello");
        page.askAndWait("Still there?");
        assertThat(page.tab.evaluate("() => window.owned ?? 'no'")).isEqualTo("no");
        assertThat(page.complaints()).isEmpty();
    }

    /// A thousand conversations of fifty answers. Best of several: the others of this machine take their share.
    @Test
    void muchHistoryIsOpenedAndSearchedAtOnce() {
        try (ChatPage page = open()) {
            page.tab.evaluate(FILL, 20_261_128);
            page.tab.reload();
            page.tab.waitForCondition(
                    () -> page.tab.evaluate(ALL_LEARNT).equals(true),
                    new WaitForConditionOptions().setTimeout(180_000));
            double opened = Double.MAX_VALUE;
            for (int i = 0; i < 5; i++) {
                page.tab.navigate("about:blank");
                page.tab.navigate(served.url() + "/#/c/c-" + i * 200);
                page.tab.waitForFunction("() => window.openedAt");
                opened = Math.min(opened, ((Number) page.tab.evaluate("() => openedAt")).doubleValue());
                assertThat(page.text("demo").last()).containsText("mark" + i * 200 + "x");
            }
            double found = Double.MAX_VALUE;
            double first = 0;
            for (int i = 1; i <= 6; i++) {
                page.tab.evaluate(WATCH_SEARCH);
                page.field("Search").fill("mark" + i * 111 + "x");
                page.tab.waitForFunction("() => window.foundAt");
                double took = ((Number) page.tab.evaluate("() => foundAt - askedAt")).doubleValue();
                if (i == 1) first = took;
                found = Math.min(found, took);
                assertThat(list(page)).hasCount(1);
                assertThat(list(page).first()).hasAttribute("href", Pattern.compile("#/c/c-" + i * 111 + ".*"));
            }
            page.field("Search").fill("er"); // in all of them
            assertThat(page.tab.getByText("1000 found")).isVisible();
            System.out.printf(
                    Locale.ROOT,
                    "1,000 conversations of 50 answers: open in %.0f ms, search in %.0f ms (the first one %.0f ms)%n",
                    opened,
                    found,
                    first);
            assertThat(opened).isLessThan(OPEN_MILLIS);
            assertThat(found).isLessThan(SEARCH_MILLIS);
        }
    }

    private static final String FILL = """
            async seed => {
              let state = seed;
              const random = () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
              const syllables = 'ba be bi do du er fa go ha in ka le mo na or pe qui ra so tu un vo wa xe yl za'.split(' ');
              const vocabulary = Array.from({ length: 8000 }, () => Array.from({ length: 2 + Math.floor(random() * 3) }, () => syllables[Math.floor(random() * syllables.length)]).join(''));
              const word = () => vocabulary[Math.floor(8000 * random() ** 3)]; // a few come often
              const open = await new Promise(done => { const r = indexedDB.open('freshet'); r.onsuccess = () => done(r.result); });
              for (let i = 0; i < 1000; i++) {
                const transaction = open.transaction(['conversations', 'messages'], 'readwrite', { durability: 'relaxed' });
                const id = `c-${i}`;
                transaction.objectStore('conversations').put({ id, title: `Conversation ${i}`, created: i, updated: 1e12 + i, model: 'demo' });
                let parent = null;
                for (let j = 0; j < 100; j++) {
                  const words = Array.from({ length: j % 2 ? 110 : 12 }, word).join(' ');
                  const message = { id: `m-${i}-${j}`, conversation: id, parent, created: 1e12 + i * 100 + j, role: j % 2 ? 'assistant' : 'user', content: j === 99 ? `${words} mark${i}x` : `**${words}**\\n\\n- ${words.slice(0, 40)}` };
                  transaction.objectStore('messages').put(j % 2 ? { ...message, model: 'demo', state: 'done', figures: { first: 300, speed: 40, tokens: 150, estimated: false, cost: 1000 } } : message);
                  parent = message.id;
                }
                await new Promise(done => (transaction.oncomplete = done));
              }
              open.close();
            }
            """;

    private static final String ALL_LEARNT = """
            async () => {
              const open = await new Promise(done => { const r = indexedDB.open('freshet-words'); r.onsuccess = () => done(r.result); });
              const count = await new Promise(done => { const r = open.transaction('words').objectStore('words').count(); r.onsuccess = () => done(r.result); });
              open.close();
              return count === 1000;
            }
            """;

    private static final String WATCH_SEARCH = """
            () => {
              window.foundAt = window.askedAt = 0;
              document.querySelector('#search').addEventListener('input', () => (window.askedAt = performance.now()), { capture: true, once: true });
              new MutationObserver((_, self) => { window.foundAt = performance.now(); self.disconnect(); }).observe(document.querySelector('#list'), { childList: true });
            }
            """;

    /// When the list, the models and the newest answer of the conversation stand there.
    private static final String WATCH_OPENING = """
            (() => {
              const look = () => {
                if (window.openedAt || !document.querySelector('#list a') || !document.querySelector('#model option') || !document.querySelector('article.answer:last-of-type .block')) return;
                window.openedAt = performance.now();
              };
              new MutationObserver(look).observe(document, { childList: true, subtree: true });
            })()
            """;

    @Override
    ChatPage open() {
        profile.addInitScript(WATCH_OPENING);
        return super.open();
    }

    private static final String LONG =
            "Once more: tell me all of it, with everything that belongs to it. ".repeat(3_000);

    /// What the browser no longer keeps is still there for as long as the tab is; when there is room it is kept.
    @Test
    void whenStorageIsFullThePageSaysSoAndLosesNothing() {
        ChatPage page = open().choose("otter");
        quota(page, 100_000);
        page.askAndWait("Tell me of the one animal");
        page.choose("heron").askAndWait(LONG);
        Locator alert = page.tab.getByRole(AriaRole.ALERT);
        assertThat(alert).containsText("The browser keeps nothing more for this page");
        page.picture("storage-full");
        assertThat(page.tab.getByRole(AriaRole.ARTICLE)).hasCount(4);
        page.button("New chat").click();
        list(page).first().click();
        assertThat(page.text("heron")).containsText("A heron waits"); // from the tab's memory
        assertThat(page.text("otter")).containsText("An otter sleeps");
        page.choose("otter").askAndWait("And again");
        assertThat(alert).containsText("The browser keeps nothing more for this page");
        assertThat(page.tab.getByRole(AriaRole.ARTICLE)).hasCount(6);
        assertThat(
                        page.tab.evaluate(
                                "() => { const e = new Event('beforeunload', {cancelable: true}); dispatchEvent(e); return e.defaultPrevented; }"))
                .isEqualTo(true); // the browser asks before it closes the tab

        quota(page, 0); // there is room again
        page.askAndWait("And once more");
        assertThat(alert).isHidden();
        page.tab.reload();
        assertThat(page.tab.getByRole(AriaRole.ARTICLE)).hasCount(8);
        assertThat(page.text("heron")).containsText("A heron waits");
    }

    /// @param bytes 0: as the browser has it
    private void quota(ChatPage page, int bytes) {
        var session = profile.newCDPSession(page.tab);
        var arguments = new JsonObject();
        arguments.addProperty("origin", served.url());
        if (bytes > 0) arguments.addProperty("quotaSize", bytes);
        session.send("Storage.overrideQuotaForOrigin", arguments);
        if (bytes == 0) session.detach();
    }

    /// A browser that refuses pages all storage: one chats all the same.
    @Test
    void whereStorageIsRefusedOneChatsAllTheSame(@TempDir Path folder) throws IOException {
        Path preferences = Files.createDirectories(folder.resolve("Default")).resolve("Preferences");
        Files.writeString(preferences, "{\"profile\":{\"default_content_setting_values\":{\"cookies\":2}}}");
        try (var refusing = chromium.profileAt(folder);
                ChatPage page = ChatPage.open(refusing, served.url() + "/").choose("otter")) {
            assertThat(page.tab.evaluate("() => { try { return String(localStorage); } catch (e) { return e.name; } }"))
                    .isEqualTo("SecurityError");
            assertThat(page.tab.getByRole(AriaRole.ALERT)).containsText("its storage is full, or switched off");
            page.askAndWait("Tell me of the one animal");
            page.choose("heron").askAndWait("And of the other");
            page.button("New chat").click();
            assertThat(list(page)).hasCount(1);
            list(page).first().click();
            assertThat(page.tab.getByRole(AriaRole.ARTICLE)).hasCount(4);
            page.field("Search").fill("paws");
            assertThat(list(page)).hasCount(1);
            page.button("Dark or light").click();
            page.button("Export").click();
            assertThat(saved(page, "Everything as JSON")).contains("An otter sleeps", "A heron waits");
            page.tab.keyboard().press("Escape");
            page.picture("storage-refused");
            assertThat(page.complaints()).isEmpty();
            assertThat(List.of(page.tab.getByRole(AriaRole.ARTICLE).count())).containsExactly(4);
        }
    }
}
