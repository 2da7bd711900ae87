package dev.freshet.cli;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// A page of another's with the guide's plain client: `fetch`, a reader, a TextDecoder and a line buffer.
@Tag("program")
class PlainPageBrowserTest {
    private static Chromium chromium;

    private HttpServer server;

    @BeforeAll
    static void start() {
        chromium = new Chromium();
    }

    @AfterAll
    static void stop() {
        chromium.close();
    }

    @BeforeEach
    void serveTheExample() throws IOException {
        byte[] example = Files.readAllBytes(Program.root().resolve("examples/stream.html"));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/stream.html", exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "text/html");
            exchange.sendResponseHeaders(200, example.length);
            exchange.getResponseBody().write(example);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stopServing() {
        server.stop(0);
    }

    private String origin(String host) {
        return "http://" + host + ":" + server.getAddress().getPort();
    }

    @Test
    void aPageOfAnotherOriginOfThisMachineStreams() throws IOException {
        try (Served served = new Served();
                Page page = chromium.page(900, 700)) {
            page.navigate(origin("localhost") + "/stream.html?url=" + served.url());
            assertThat(page.locator("#answer")).containsText("deepseek-chat");
            assertThat(page).hasTitle("done");
            assertThat(page.locator("#answer")).containsText("Hello!");
        }
    }

    /// An origin that is not this machine's: the browser takes its name for 127.0.0.1.
    @Test
    void withCorsAllowedItStreamsAndWithoutItIsRefused() throws IOException {
        String foreign = origin("app.example.com");
        try (Served allowed = new Served("{port: 0, cors: [\"" + foreign + "\"]}", "");
                Page page = chromium.page(900, 700)) {
            page.navigate(foreign + "/stream.html?url=" + allowed.url());
            assertThat(page).hasTitle("done");
            assertThat(page.locator("#answer")).containsText("Hello!");
        }
        try (Served closed = new Served();
                Page page = chromium.page(900, 700)) {
            List<String> errors = new CopyOnWriteArrayList<>();
            page.onPageError(errors::add);
            page.navigate(foreign + "/stream.html?url=" + closed.url());
            page.waitForCondition(() -> !errors.isEmpty());
            assertThat(errors).singleElement().asString().contains("Failed to fetch");
            assertThat(page.locator("#answer")).isEmpty();
            assertThat(closed.simulator.exchanges()).isEmpty();
        }
    }
}
