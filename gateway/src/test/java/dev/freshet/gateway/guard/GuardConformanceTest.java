package dev.freshet.gateway.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.config.ConfigFile;
import dev.freshet.gateway.config.Environment;
import dev.freshet.gateway.model.Channel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What each detector must find in texts, and what it must let pass, whole and cut in every way.
class GuardConformanceTest {
    private static final Path CASES = Path.of("../conformance/guards");
    private static final JsonMapper JSON = new JsonMapper();

    record Case(String name, Guard guard, String text, JsonNode expected) {
        @Override
        public String toString() {
            return name + ": " + text.substring(0, Math.min(60, text.length())).replace("\n", "\\n");
        }
    }

    static Stream<Case> cases() throws IOException {
        List<Case> all = new ArrayList<>();
        try (Stream<Path> files = Files.list(CASES)) {
            for (Path file : files.sorted().toList()) {
                Object yaml = new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file));
                JsonNode read = JSON.valueToTree(yaml);
                String name = file.getFileName().toString().replace(".yaml", "");
                for (JsonNode group : read.get("cases")) {
                    Guard guard = guard(group.get("rule"));
                    for (JsonNode trip : group.get("trips"))
                        all.add(new Case(name, guard, trip.get("text").asString(), trip));
                    for (JsonNode pass : group.get("passes"))
                        all.add(new Case(name, guard, pass.asString(), JSON.nullNode()));
                }
            }
        }
        assertThat(all).hasSizeGreaterThan(100);
        return all.stream();
    }

    /// A tokenizer of the test's own: words.
    private static int words(String text) {
        return text.isEmpty() ? 0 : 1;
    }

    private static Guard guard(JsonNode rule) {
        String yaml = "guards: {g: {stop_when: [" + rule + "]}}";
        Guards guards =
                ConfigFile.parse(yaml, "case.yaml", new Environment(Map.of())).guards();
        return Objects.requireNonNull(guards.byName().get("g"));
    }

    private static String verdict(Guard guard, String text, List<Integer> cuts) {
        Watch watch =
                new Watch(List.of(guard), GuardConformanceTest::words, new Watch.Spent(0, _ -> Long.MAX_VALUE, 0));
        int from = 0;
        for (int cut : cuts) {
            if (cut > from) watch.add(0, Channel.VISIBLE, 0, text.substring(from, cut), 0);
            Stop stop = watch.next();
            if (stop != null) return told(stop);
            from = Math.max(from, cut);
        }
        watch.end();
        Stop stop = watch.next();
        return stop == null ? "passes" : told(stop);
    }

    private static String told(Stop stop) {
        Match match = stop.match();
        return match.from() + "-" + match.to() + " at " + match.seen() + " " + match.path() + " " + match.why() + " <"
                + stop.words() + ">";
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theVerdictIsAsExpected(Case one) {
        Watch watch = new Watch(
                List.of(one.guard()), GuardConformanceTest::words, new Watch.Spent(0, _ -> Long.MAX_VALUE, 0));
        if (!one.text().isEmpty()) watch.add(0, Channel.VISIBLE, 0, one.text(), 0);
        Stop found = watch.next();
        if (found == null) watch.end();
        Stop stop = found == null ? watch.next() : found;
        if (one.expected().isNull()) {
            assertThat(stop).isNull();
            return;
        }
        if (stop == null) throw new AssertionError("it passes");
        assertThat(stop.match().from()).isEqualTo(one.expected().get("at").asInt());
        for (String member : List.of("path", "why"))
            if (one.expected().has(member))
                assertThat(
                                member.equals("path")
                                        ? stop.match().path()
                                        : stop.match().why())
                        .isEqualTo(one.expected().get(member).asString());
        if (one.expected().has("match"))
            assertThat(stop.words()).isEqualTo(one.expected().get("match").asString());
    }

    /// However the deltas are cut: in two at each place, character by character, and at random.
    @ParameterizedTest
    @MethodSource("cases")
    void theVerdictIsTheSameAtTheSameCharacterHoweverTheTextIsCut(Case one) {
        String text = one.text();
        String whole = verdict(one.guard(), text, List.of(text.length()));
        for (int cut = 0; cut <= text.length(); cut++)
            assertThat(verdict(one.guard(), text, List.of(cut, text.length())))
                    .as("cut at " + cut)
                    .isEqualTo(whole);
        List<Integer> all = new ArrayList<>();
        for (int i = 1; i <= text.length(); i++) all.add(i);
        assertThat(verdict(one.guard(), text, all)).as("character by character").isEqualTo(whole);
        long seed = Long.getLong("seed", new Random().nextLong());
        Random random = new Random(seed);
        for (int round = 0; round < 100; round++) {
            List<Integer> cuts = new ArrayList<>();
            for (int at = 0; at < text.length(); at += 1 + random.nextInt(9)) cuts.add(at);
            cuts.add(text.length());
            assertThat(verdict(one.guard(), text, cuts)).as("-Dseed=" + seed).isEqualTo(whole);
        }
    }
}
