package dev.freshet.gateway.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.freshet.gateway.Mutations;
import dev.freshet.gateway.dialect.openai.Requests;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.provider.MethodSource;

/// A configuration, a list of prices and a request's guards are read, or refused by one line that says why, whatever
/// stands in them (docs/decisions/0003).
class ConfigFuzzTest {
    private static final int ROUNDS = 3_000;
    private static final Environment ENVIRONMENT = new Environment(Map.of("DEEPSEEK_API_KEY", "sk-deep"));
    private static final List<String> YAML = List.of(
            "\n",
            "  ",
            "- ",
            ": ",
            "{",
            "}",
            "[",
            "]",
            ", ",
            "#",
            "&a ",
            "*a",
            "!!int ",
            "!x ",
            "|\n",
            ">\n",
            "'",
            "\"",
            "---\n",
            "? ",
            "<<: ",
            "~",
            "null",
            "true",
            "0x7f",
            ".inf",
            ".nan",
            "${NAME}",
            "${A:-1}",
            "\t",
            "\u0000",
            "\uFEFF",
            "\u2028",
            "\ud83d\ude00",
            "%YAML 1.1\n",
            "1s",
            "-5m",
            "99999999999h",
            "1PiB",
            "9999999999999GiB",
            "-1usd",
            "0.0000000001usd",
            "1usd/day",
            "models: ",
            "targets: ",
            "guards: ",
            "http://",
            "http://[",
            "://",
            "\\");
    private static final String PRICES = """
            prices:
              - provider: deepseek
                model: deepseek-chat
                from: 2026-11-01
                input: 0.28usd
                cached_input: 0.028usd
                output: 0.42usd
                max_output: 8192
                tiers: [{above: 200000, input: 0.56usd, output: 0.84usd}]
                hours: [{factor: 2, zone: Asia/Shanghai, days: [mon, fri], from: "09:00", to: "12:00", except: [2026-10-01]}]
                source: https://example.com/prices
            """;
    private static final String GUARDS = """
            {"guard": {"add": [{"id": "a", "contains": ["risk-free", "no"]}, {"id": "b", "repeat": {"copies": 4, "span": 96}},
             {"id": "c", "matches": "a(b|c)*d{1,9}"}, {"id": "d", "language": {"expect": ["en", "de"]}},
             {"id": "e", "json": {"schema": {"type": "object", "properties": {"a": {"enum": [1, "x"]}}, "required": ["a"]}}}],
             "hold": {"tokens": 20}, "then": {"retry": {"append": "Not that: {match}."}}}}""";

    @TempDir
    Path folder;

    private static String whole(Path prices) throws IOException {
        try (var in = ConfigFuzzTest.class.getResourceAsStream("whole.yaml")) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8)
                    .replace("prices.yaml", prices.toString());
        }
    }

    private Path prices() throws IOException {
        return Files.writeString(folder.resolve("prices.yaml"), "prices: []");
    }

    @Test
    @Timeout(300)
    void aChangedConfigurationIsReadOrRefusedInOneLine() throws IOException {
        Random random = Mutations.random("aChangedConfiguration");
        Mutations mutations = new Mutations(random, YAML);
        String right = whole(prices());
        assertThatCode(() -> configuration(right)).doesNotThrowAnyException();
        int refused = 0;
        for (int i = Mutations.rounds(ROUNDS); i > 0; i--) if (!configuration(mutations.of(right))) refused++;
        assertThat(refused).isPositive();
    }

    @Test
    @Timeout(300)
    void aChangedListOfPricesIsReadOrRefusedInOneLine() throws IOException {
        Mutations mutations = new Mutations(Mutations.random("aChangedListOfPrices"), YAML);
        Path file = folder.resolve("prices.yaml");
        for (int i = Mutations.rounds(ROUNDS); i > 0; i--) {
            Files.write(file, mutations.of(PRICES.getBytes(StandardCharsets.UTF_8)));
            good("prices: " + file, () -> PriceReader.list(file));
        }
    }

    @Test
    @Timeout(300)
    void changedGuardsOfARequestAreReadOrRefusedInOneLine() {
        Mutations mutations = new Mutations(Mutations.random("changedGuardsOfARequest"), YAML);
        byte[] right = GUARDS.getBytes(StandardCharsets.UTF_8);
        assertThat(guards(right)).isTrue();
        for (int i = Mutations.rounds(ROUNDS); i > 0; i--) {
            guards(mutations.of(right));
        }
    }

    /// Runs over its seeds; guided by coverage with `JAZZER_FUZZ=1 mvn -pl gateway -am test -Djazzer.hooks=true
    /// -Dtest='ConfigFuzzTest#guided*'`.
    @MethodSource("seeds")
    @FuzzTest(maxDuration = "60s")
    void guidedConfigurationsAreReadOrRefusedInOneLine(byte[] input) {
        configuration(new String(input, StandardCharsets.UTF_8));
        guards(input);
    }

    static Stream<byte[]> seeds() throws IOException {
        return Stream.of(whole(Path.of("prices.yaml")), PRICES, GUARDS, "")
                .map(text -> text.getBytes(StandardCharsets.UTF_8));
    }

    /// As they come: in a request that is JSON.
    ///
    /// @return whether they were read
    private static boolean guards(byte[] value) {
        String request = "{\"model\":\"m\",\"freshet\":" + new String(value, StandardCharsets.UTF_8) + "}";
        if (!(Requests.parse(request.getBytes(StandardCharsets.UTF_8)) instanceof Requests.Parsed.Good(var good)))
            return false;
        byte[] freshet = good.freshet();
        return freshet != null && good(request, () -> GuardsReader.ofRequest(freshet));
    }

    /// @return whether it was read
    private static boolean configuration(String yaml) {
        return good(yaml, () -> ConfigFile.parse(yaml, "freshet.yaml", ENVIRONMENT));
    }

    private static boolean good(String input, Runnable reads) {
        try {
            reads.run();
            return true;
        } catch (ConfigException e) {
            String message = Objects.requireNonNull(e.getMessage(), input);
            boolean told = !message.isBlank() && message.lines().count() == 1 && !message.contains("Exception");
            assertThat(told).as("%s%n%s", message, input).isTrue();
            return false;
        } catch (RuntimeException | StackOverflowError e) {
            throw new AssertionError(e + " from:\n" + input, e);
        }
    }
}
