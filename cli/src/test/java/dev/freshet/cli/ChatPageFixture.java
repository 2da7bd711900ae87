package dev.freshet.cli;

import com.microsoft.playwright.BrowserContext;
import dev.freshet.simulator.Exchange;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What the chat page's tests stand on: a gateway before the simulator, Chromium, and for each test a profile of its
/// own.
@Tag("program")
abstract class ChatPageFixture {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    static Served served;
    static Chromium chromium;

    BrowserContext profile;

    @BeforeAll
    static void start() throws IOException {
        served = new Served();
        served.simulator.script("endless", Script.of(Steps.head(), Steps.text("Once upon"), Steps.hang()));
        served.simulator.script(
                "breaks",
                Script.of(
                        Steps.head(),
                        Steps.text("All that came"),
                        Steps.event("{\"error\":{\"message\":\"overloaded for now\",\"code\":\"overloaded\"}}"),
                        Steps.lastChunk()));
        chromium = new Chromium();
    }

    @AfterAll
    static void stop() {
        chromium.close();
        served.close();
    }

    @BeforeEach
    void freshProfile() {
        profile = chromium.profile();
    }

    @AfterEach
    void dropProfile() {
        profile.close();
    }

    ChatPage open() {
        return ChatPage.open(profile, served.url() + "/");
    }

    /// What was asked of a model, in order.
    static List<Exchange> asked(String model) {
        return served.simulator.exchanges().stream()
                .filter(one -> one.body().contains('"' + model + '"'))
                .toList();
    }

    /// What was asked of a model last.
    static JsonNode lastRequest(String model) {
        return JSON.readTree(asked(model).getLast().body());
    }

    /// Says a text in pieces of so many characters, so that markup is cut anywhere.
    static Script saying(String text, int piece) {
        List<Object> steps = new ArrayList<>(List.of(Steps.head(), Steps.role()));
        for (int at = 0; at < text.length(); at += piece)
            steps.add(Steps.text(text.substring(at, Math.min(text.length(), at + piece))));
        steps.addAll(List.of(Steps.finish("stop"), Steps.done(), Steps.lastChunk()));
        return Script.of(steps.toArray());
    }
}
