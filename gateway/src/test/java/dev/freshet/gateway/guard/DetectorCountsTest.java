package dev.freshet.gateway.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.config.ConfigFile;
import dev.freshet.gateway.config.Environment;
import dev.freshet.gateway.model.Channel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// How often each detector is wrong, by language: over 2,100 honest texts and as many bad ones for each rule. The
/// counts are in docs/detectors.md, which `-Dtable.write=yes` writes; `-Dseed=…` makes other texts.
class DetectorCountsTest {
    private static final Path PAGE = Path.of("../docs/detectors.md");
    private static final String BEGIN = "<!-- counts -->\n";
    private static final String END = "<!-- end of counts -->";
    private static final long SEED = Long.getLong("seed", 7);
    private static final int EACH = 300;

    /// @param rule where `LANGUAGE` stands for the text's
    private record Row(String name, String rule, Maker honest, Maker bad) {}

    private interface Maker {
        String make(Corpus corpus, BadTexts bad, String language);
    }

    private static final Maker HONEST = (corpus, _, language) -> corpus.honest(language);

    private static final List<Row> ROWS = List.of(
            new Row(
                    "language",
                    "language: {expect: [LANGUAGE], min_chars: 80}",
                    HONEST,
                    (_, bad, l) -> bad.otherLanguage(l)),
            new Row(
                    "opens_with",
                    "opens_with: {list: refusals, within_chars: 60}",
                    HONEST,
                    (_, bad, l) -> bad.refusal(l)),
            new Row("repeat", "repeat: {copies: 4, span: 96}", HONEST, (_, bad, l) -> bad.loop(l)),
            new Row("json", "json: {}", (_, bad, l) -> bad.goodJson(l), (_, bad, l) -> bad.json(l)),
            new Row("secrets", "secrets: [all]", HONEST, (_, bad, l) -> bad.secret(l)),
            new Row("personal_data", "personal_data: [all]", HONEST, (_, bad, l) -> bad.personal(l)));

    private static boolean stops(Guard guard, String text) {
        Watch watch = new Watch(List.of(guard), _ -> 1, new Watch.Spent(0, _ -> Long.MAX_VALUE, 0));
        for (int at = 0; at < text.length(); at += 4) {
            watch.add(0, Channel.VISIBLE, 0, text.substring(at, Math.min(text.length(), at + 4)), 0);
            if (watch.next() != null) return true;
        }
        watch.end();
        return watch.next() != null;
    }

    private record Counts(int falseAlarms, int misses) {}

    private Counts count(Row row, String language) {
        Corpus corpus = new Corpus(SEED * 1_000 + Corpus.LANGUAGES.indexOf(language));
        BadTexts bad = new BadTexts(corpus);
        String rule = row.rule().replace("LANGUAGE", language);
        Guard guard = Objects.requireNonNull(
                ConfigFile.parse("guards: {g: {stop_when: [{" + rule + "}]}}", "test.yaml", new Environment(Map.of()))
                        .guards()
                        .byName()
                        .get("g"));
        int alarms = 0;
        int misses = 0;
        for (int i = 0; i < EACH; i++) {
            String honest = row.honest().make(corpus, bad, language);
            if (stops(guard, honest)) {
                alarms++;
                if (Boolean.getBoolean("texts.show")) System.out.println("FALSE ALARM " + row.name() + ": " + honest);
            }
            String wrong = row.bad().make(corpus, bad, language);
            if (!stops(guard, wrong)) {
                misses++;
                if (Boolean.getBoolean("texts.show")) System.out.println("MISS " + row.name() + ": " + wrong);
            }
        }
        return new Counts(alarms, misses);
    }

    @Test
    void theCountsAreThoseOfTheDocumentation() throws IOException {
        Map<String, Map<String, Counts>> all = new LinkedHashMap<>();
        for (Row row : ROWS) {
            Map<String, Counts> counts = new LinkedHashMap<>();
            for (String language : Corpus.LANGUAGES) counts.put(language, count(row, language));
            all.put(row.name(), counts);
            int alarms = counts.values().stream().mapToInt(Counts::falseAlarms).sum();
            int misses = counts.values().stream().mapToInt(Counts::misses).sum();
            int texts = EACH * Corpus.LANGUAGES.size();
            assertThat(alarms)
                    .as("false alarms of " + row.name() + ", -Dseed=" + SEED)
                    .isLessThanOrEqualTo(texts / 50);
            assertThat(misses)
                    .as("misses of " + row.name() + ", -Dseed=" + SEED)
                    .isLessThanOrEqualTo(texts / 5);
        }
        String table = table(all);
        String page = Files.readString(PAGE);
        String before = page.substring(0, page.indexOf(BEGIN) + BEGIN.length());
        String after = page.substring(page.indexOf(END));
        if ("yes".equals(System.getProperty("table.write"))) Files.writeString(PAGE, before + table + after);
        else if (SEED == 7) assertThat(page).contains(table);
    }

    private static String table(Map<String, Map<String, Counts>> all) {
        StringBuilder table = new StringBuilder("| rule | " + String.join(" | ", Corpus.LANGUAGES) + " | all |\n");
        table.append("|---".repeat(Corpus.LANGUAGES.size() + 2)).append("|\n");
        all.forEach((rule, counts) -> {
            line(
                    table,
                    rule + ", false alarms",
                    counts.values().stream().map(Counts::falseAlarms).toList());
            line(
                    table,
                    rule + ", misses",
                    counts.values().stream().map(Counts::misses).toList());
        });
        return table.toString();
    }

    private static void line(StringBuilder table, String name, List<Integer> counts) {
        table.append("| ").append(name);
        for (int count : counts) table.append(" | ").append(count);
        int sum = counts.stream().mapToInt(Integer::intValue).sum();
        table.append(" | ")
                .append(sum)
                .append(" of ")
                .append(EACH * counts.size())
                .append(" |\n");
    }

    /// The texts are what they are said to be: a test of the test.
    @Test
    void theTextsAreVaried() {
        Corpus corpus = new Corpus(SEED);
        long different = java.util.stream.IntStream.range(0, 2_100)
                .mapToObj(i -> corpus.honest(Corpus.LANGUAGES.get(i % 7)))
                .distinct()
                .count();
        assertThat(different).isGreaterThan(2_090);
    }
}
