package dev.freshet.simulator;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What the demo model says: texts written in advance, chosen by words of the prompt. The same prompt gets the
/// same answer.
final class Demo {
    /// A text, and the words of a prompt that it answers.
    private record Topic(String name, Pattern words) {
        Topic(String name, String words) {
            this(name, Pattern.compile(words));
        }
    }

    /// What it says.
    ///
    /// @param reasoning before the text; mostly empty
    /// @param stalls whether it falls silent in the middle, for as long as it is let
    /// @param tool whose arguments the text is; null where it is text
    record Saying(
            String reasoning,
            String text,
            boolean stalls,
            @Nullable String tool) {}

    /// In the order in which they count.
    private static final List<Topic> TOPICS = List.of(
            new Topic("fruit-again", "^not that: "), // what a guard's retry appends
            new Topic("fruit", "\\bfruit\\b"),
            new Topic("stall", "\\bstall"),
            new Topic("think", "\\bthink\\b|reason"),
            new Topic("connect", "connect|provider|api.key|configure|real model"),
            new Topic("long", "\\blong\\b|essay|story"),
            new Topic("table", "table|tabelle"),
            new Topic("formula", "formula|equation|formel|math|latex"),
            new Topic("code", "code|program|python|java|function|script"),
            new Topic("hello", "^(say )?(hello|hi|hey|hallo|good morning|good evening)\\b.{0,20}$"));

    private static final Map<String, String> TEXTS = new ConcurrentHashMap<>();

    private Demo() {}

    private static final Pattern WORD = Pattern.compile("\\p{L}{4,}");

    /// The last word behind an "in", with a large letter: "the weather in Oslo".
    private static final Pattern PLACE = Pattern.compile("\\bin (\\p{Lu}[\\p{L}-]+)");

    static Saying saying(ChatCall call) {
        ChatCall.Brought brought = call.brought();
        if (!brought.result().isEmpty()) {
            return spoken(
                    "The tool says: **" + brought.result().strip() + "**.\n\nThat is all I know: I am simulated.");
        }
        for (String tool : brought.tools()) {
            if (isMeant(tool, call.prompt())) return new Saying("", arguments(call.prompt()), false, tool);
        }
        if (brought.pictures() > 0) return spoken(pictures(brought.pictures()));
        return topical(call);
    }

    private static Saying spoken(String text) {
        return new Saying("", text, false, null);
    }

    /// Whether a word of its name is in the prompt: `get_weather` where one asks for the weather.
    private static boolean isMeant(String tool, String prompt) {
        String asked = prompt.toLowerCase(Locale.ROOT);
        return WORD.matcher(tool.toLowerCase(Locale.ROOT)).results().anyMatch(word -> asked.contains(word.group()));
    }

    private static String arguments(String prompt) {
        Matcher place = PLACE.matcher(prompt);
        return "{\"place\": " + Chunks.quoted(place.find() ? place.group(1) : "here") + "}";
    }

    private static String pictures(int count) {
        return (count == 1 ? "A picture came" : count + " pictures came") + ", and I would describe "
                + (count == 1 ? "it" : "them") + " if I could see: I am simulated.";
    }

    private static Saying topical(ChatCall call) {
        String topic = topic(call.prompt().toLowerCase(Locale.ROOT).strip());
        String text = topic.equals("long") ? longAnswer() : text(topic);
        if (!call.model().equals(Models.DEMO)) {
            text = "*No provider is configured for* `" + call.model()
                    + "`*, so the simulated `demo` model answers.*\n\n" + text;
        }
        String reasoning = topic.equals("think") ? text("think-reasoning") : "";
        return new Saying(reasoning, text, topic.equals("stall"), null);
    }

    private static String topic(String prompt) {
        return TOPICS.stream()
                .filter(topic -> topic.words().matcher(prompt).find())
                .findFirst()
                .map(Topic::name)
                .orElse("general");
    }

    /// About 8 KB: everything it has, with numbered headings.
    private static String longAnswer() {
        StringBuilder all = new StringBuilder("A long answer, from a simulated model: all that I can say.\n");
        int number = 1;
        for (String part : List.of("general", "table", "formula", "code", "connect", "hello")) {
            all.append("\n## Part ")
                    .append(number++)
                    .append("\n\n")
                    .append(text(part))
                    .append('\n');
        }
        return all.toString();
    }

    private static String text(String name) {
        return TEXTS.computeIfAbsent(name, Demo::read);
    }

    private static String read(String name) {
        try (InputStream in = Demo.class.getResourceAsStream("demo/" + name + ".md")) {
            if (in == null) throw new IllegalStateException("the demo text " + name + " is not in the program");
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
