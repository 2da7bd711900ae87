package dev.freshet.cli;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.FilePayload;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Files and pictures that go with a message, and tools that a model calls.
class ChatPageFilesBrowserTest extends ChatPageFixture {
    private static final String TOOLS = """
            {"tools": [{"type": "function", "function": {"name": "weather", "description": "The weather of a place",
              "parameters": {"type": "object", "properties": {"place": {"type": "string"}}}}}]}""";

    private static FilePayload picture(String name, int width, int height) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setColor(new Color(0x2a6f97));
        graphics.fillRect(0, 0, width, height);
        graphics.setColor(new Color(0xf4d35e));
        graphics.fillOval(width / 3, height / 4, width / 3, width / 3);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "png", out);
        return new FilePayload(name, "image/png", out.toByteArray());
    }

    private static FilePayload text(String name, String content) {
        return new FilePayload(name, "text/plain", content.getBytes(StandardCharsets.UTF_8));
    }

    private static JsonNode lastMessage(String model) {
        JsonNode messages = lastRequest(model).get("messages");
        return messages.get(messages.size() - 1);
    }

    @Test
    void aPictureGoesAlongAndIsShown() throws IOException {
        ChatPage page = open();
        page.tab.waitForFileChooser(() -> page.button("Attach files").click()).setFiles(picture("sun.png", 320, 200));
        assertThat(page.tab.locator("#attached")).containsText("sun.png");
        page.picture("attached");
        page.askAndWait("What is in it?");
        assertThat(page.text("demo")).containsText("A picture came");
        assertThat(page.mine().locator("img")).isVisible();
        assertThat(page.mine().locator("img")).hasAttribute("alt", "sun.png");
        JsonNode content = lastMessage("demo").get("content");
        assertThat(content.get(0).get("text").asString()).isEqualTo("What is in it?");
        assertThat(content.get(1).get("image_url").get("url").asString()).startsWith("data:image/png;base64,");
        assertThat(page.tab.locator("#attached li")).hasCount(0);
        page.picture("picture");
        page.tab.reload();
        assertThat(page.mine().locator("img")).isVisible();
        assertThat(page.complaints()).isEmpty();
    }

    @Test
    void byKeyboardTooAndWhatIsTooLargeIsMadeSmaller() throws IOException {
        ChatPage page = open();
        page.tabTo("Shift+Tab", "Attach files");
        page.tab
                .waitForFileChooser(() -> page.tab.keyboard().press("Enter"))
                .setFiles(picture("large.png", 3000, 1500));
        assertThat(page.tab.locator("#attached")).containsText("large.png");
        assertThat(page.message()).isFocused();
        page.tabTo("Shift+Tab", "Take large.png away");
        page.tab.keyboard().press("Enter");
        assertThat(page.tab.locator("#attached li")).hasCount(0);
        page.tabTo("Shift+Tab", "Attach files");
        page.tab
                .waitForFileChooser(() -> page.tab.keyboard().press("Enter"))
                .setFiles(picture("large.png", 3000, 1500));
        assertThat(page.tab.locator("#attached")).containsText("large.png");
        page.tab.keyboard().press("Enter");
        page.awaitStatus("Complete.");
        assertThat(page.mine().locator("img")).isVisible();
        assertThat(page.mine().locator("img").evaluate("img => img.decode().then(() => img.naturalWidth)"))
                .isEqualTo(2048);
    }

    @Test
    void aTextGoesAsTextToAnyModelAndWhatIsPastedIsTaken() {
        served.simulator.script("reads", saying("Read.", 5));
        ChatPage page = open().choose("reads");
        page.message().evaluate("""
                field => {
                  const data = new DataTransfer();
                  data.items.add(new File(['let x = "```";\\n'], 'note.js', { type: 'text/javascript' }));
                  field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
                }
                """);
        assertThat(page.tab.locator("#attached")).containsText("note.js");
        page.askAndWait("What does it do?");
        assertThat(lastMessage("reads").get("content").asString())
                .isEqualTo("What does it do?\n\nnote.js:\n````\nlet x = \"```\";\n````");
        assertThat(page.mine()).containsText("note.js");
    }

    @Test
    void whatNoModelReadsIsSaid() {
        ChatPage page = open();
        Locator alert = page.tab.getByRole(AriaRole.ALERT);
        page.tab.locator("#files").setInputFiles(new FilePayload("a.zip", "application/zip", new byte[] {80, 75, 0, -1
        }));
        assertThat(alert).containsText("a.zip is no text, no picture and no PDF");
        page.tab.locator("#files").setInputFiles(new FilePayload("b.png", "image/png", new byte[] {1, 2, 3}));
        assertThat(alert).containsText("b.png could not be read as a picture");
        page.tab.locator("#files").setInputFiles(text("c.txt", "x".repeat(600_000)));
        assertThat(alert).containsText("c.txt is larger than 500 KB");
        assertThat(page.tab.locator("#attached li")).hasCount(0);
    }

    /// The gateway says what a model takes; the page knows no model by itself.
    @Test
    void aModelThatTakesNoPicturesIsNotSentAny() throws IOException {
        try (Served configured = new Served("""
                providers: {sim: {base_url: "%s"}}
                models:
                  blind: {targets: [{provider: sim, model: tokens-3}], takes: [text]}
                  seeing: {targets: [{provider: sim, model: tokens-4}], takes: [image, file]}
                """.formatted(served.simulator.baseUri()));
                ChatPage page = ChatPage.open(profile, configured.url() + "/").choose("blind")) {
            page.tab.locator("#files").setInputFiles(picture("sun.png", 32, 20));
            assertThat(page.tab.locator("#attached")).containsText("sun.png");
            page.ask("What is it?");
            assertThat(page.tab.getByRole(AriaRole.ALERT)).containsText("This model takes no pictures.");
            assertThat(page.tab.getByRole(AriaRole.ARTICLE)).hasCount(0);
            page.picture("no-pictures");
            page.choose("seeing");
            page.button("Send").click();
            page.awaitStatus("Complete.");
            assertThat(page.tab.getByRole(AriaRole.ALERT)).isHidden();
            page.tab
                    .locator("#files")
                    .setInputFiles(new FilePayload(
                            "paper.pdf", "application/pdf", "%PDF-1.4".getBytes(StandardCharsets.US_ASCII)));
            assertThat(page.tab.locator("#attached")).containsText("paper.pdf");
            page.askAndWait("And this?");
            JsonNode file = lastMessage("tokens-4").get("content").get(1).get("file");
            assertThat(file.get("filename").asString()).isEqualTo("paper.pdf");
            assertThat(file.get("file_data").asString()).isEqualTo("data:application/pdf;base64,JVBERi0xLjQ=");
        }
    }

    @Test
    void callsOfToolsAreShownAndTheirResultsGiven() {
        ChatPage page = open();
        page.button("Settings").click();
        page.field("More of the request, as JSON").fill(TOOLS);
        page.button("Done").click();
        page.askAndWait("What is the weather in Oslo?");
        Locator call = page.answer("demo").locator(".call");
        assertThat(call).containsText("Calls weather");
        assertThat(call.locator("code")).hasText(Pattern.compile("\\{\\s*\"place\": \"Oslo\"\\s*}"));
        page.picture("tool");
        page.field("Result of weather").fill("-3 °C, snow");
        page.button("Give the result").click();
        assertThat(page.text("demo")).containsText("The tool says: -3 °C, snow.");
        page.awaitStatus("Complete.");
        JsonNode messages = lastRequest("demo").get("messages");
        assertThat(messages.get(1)
                        .get("tool_calls")
                        .get(0)
                        .get("function")
                        .get("name")
                        .asString())
                .isEqualTo("weather");
        assertThat(messages.get(2).get("tool_call_id").asString())
                .isEqualTo(messages.get(1).get("tool_calls").get(0).get("id").asString());
        assertThat(page.tab.getByRole(AriaRole.ARTICLE)).hasCount(4);
        page.picture("tool-result");
        page.tab.reload();
        assertThat(page.tab.locator("article.tool")).containsText("-3 °C, snow");
        assertThat(page.complaints()).isEmpty();
    }

    @Test
    void byKeyboardTheResultOfAToolIsGivenToo() {
        ChatPage page = open();
        page.prompt("A tool").focus();
        page.tab.keyboard().press("Enter");
        page.awaitStatus("Complete.");
        assertThat(page.answer("demo").locator(".call")).containsText("Calls weather");
        page.message().focus();
        page.tabTo("Shift+Tab", "Result of");
        page.tab.keyboard().type("21 °C");
        page.tab.keyboard().press("Tab");
        page.tab.keyboard().press("Enter");
        assertThat(page.text("demo")).containsText("The tool says: 21 °C.");
    }
}
