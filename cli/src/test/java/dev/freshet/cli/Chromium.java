package dev.freshet.cli;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// The system's Chromium, without a window, driven by Playwright.
final class Chromium implements AutoCloseable {
    private static final double LIMIT_MILLIS = 30_000;
    private static final List<String> ARGUMENTS = List.of(
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--host-resolver-rules=MAP app.example.com 127.0.0.1",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync");

    private final Playwright playwright;
    private final Browser browser;

    Chromium() {
        playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(executable())
                        .setArgs(ARGUMENTS));
    }

    private static Path executable() {
        return Path.of(Program.onPath("chromium"));
    }

    /// Another browser, whose profile is kept in a folder, with the preferences that are there.
    BrowserContext profileAt(Path folder) {
        BrowserContext context = playwright
                .chromium()
                .launchPersistentContext(
                        folder,
                        new BrowserType.LaunchPersistentContextOptions()
                                .setExecutablePath(executable())
                                .setArgs(ARGUMENTS)
                                .setViewportSize(1000, 800));
        context.setDefaultTimeout(LIMIT_MILLIS);
        return context;
    }

    /// A browser's profile of its own, with storage of its own; its tabs share it.
    BrowserContext profile(Browser.NewContextOptions options) {
        BrowserContext context = browser.newContext(options);
        context.setDefaultTimeout(LIMIT_MILLIS);
        return context;
    }

    BrowserContext profile() {
        return profile(new Browser.NewContextOptions().setViewportSize(1000, 800));
    }

    Browser browser() {
        return browser;
    }

    Page page(int width, int height) {
        Page page = browser.newPage(new Browser.NewPageOptions().setViewportSize(width, height));
        page.setDefaultTimeout(LIMIT_MILLIS);
        return page;
    }

    @Override
    public void close() {
        browser.close();
        playwright.close();
    }
}
