package dev.freshet.gateway.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.gateway.model.Price;
import dev.freshet.gateway.model.PriceList;
import dev.freshet.gateway.model.Provider;
import dev.freshet.gateway.model.Usage;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Prices, against sums that were done by hand.
class PricesTest {
    private static final Instant NIGHT = Instant.parse("2026-11-18T20:00:00Z");

    @TempDir
    Path folder;

    private static Provider at(String name, String base) {
        return new Provider(name, URI.create(base), new Provider.Auth.None(), Map.of());
    }

    private static final Provider DEEPSEEK = at("ds", "https://api.deepseek.com/v1");
    private static final Provider GEMINI = at("gemini", "https://generativelanguage.googleapis.com/v1beta/openai");

    private PriceList own(String yaml) throws IOException {
        Files.writeString(folder.resolve("prices.yaml"), yaml);
        return PriceReader.list(folder.resolve("prices.yaml"));
    }

    private Price own(String yaml, Instant at) throws IOException {
        return Objects.requireNonNull(own(yaml).find(at("any", "http://127.0.0.1"), "m", at));
    }

    private static long shipped(Provider provider, String model, Usage usage, String at) {
        Instant ended = Instant.parse(at);
        return Objects.requireNonNull(PriceReader.list(null).find(provider, model, ended))
                .of(usage, ended);
    }

    /// 1,000 of a prompt, 400 of them cached, and 500 of an answer: 600 x 0.66 + 400 x 0.022 + 500 x 1.98 = 396
    /// + 8.8 + 990 = 1394.8 millionths of a dollar, which at peak is twice as much.
    @ParameterizedTest
    @CsvSource({
        // Wednesday in Beijing, from 09:00 to 12:00 and from 14:00 to 18:00, which is UTC+8 all year
        "2026-11-18T00:59:59Z, 1394800",
        "2026-11-18T01:00:00Z, 2789600",
        "2026-11-18T03:59:59Z, 2789600",
        "2026-11-18T04:00:00Z, 1394800",
        "2026-11-18T05:59:59Z, 1394800",
        "2026-11-18T06:00:00Z, 2789600",
        "2026-11-18T09:59:59Z, 2789600",
        "2026-11-18T10:00:00Z, 1394800",
        // across midnight, here and there
        "2026-11-18T15:59:59Z, 1394800",
        "2026-11-18T16:00:00Z, 1394800",
        "2026-11-18T23:59:59Z, 1394800",
        "2026-11-19T00:00:00Z, 1394800",
        // Friday's peak, then the weekend, then Monday's
        "2026-11-20T09:59:59Z, 2789600",
        "2026-11-21T02:00:00Z, 1394800",
        "2026-11-22T08:00:00Z, 1394800",
        "2026-11-22T16:30:00Z, 1394800",
        "2026-11-23T01:00:00Z, 2789600",
        // a holiday in the middle of the week
        "2026-10-01T02:00:00Z, 1394800",
    })
    void deepSeekIsTwiceAsDearAtItsPeakHours(String ended, long nanoUsd) {
        assertThat(shipped(DEEPSEEK, "deepseek-v4-pro", Usage.reported(1_000, 400, 500, 0), ended))
                .isEqualTo(nanoUsd);
    }

    /// 200,000 x 1.25 + 1,000 x 10 = 260,000; one token more is all at 2.50 and 15: 500,002.5 + 15,000;
    /// with half of it cached, 150,000 x 2.50 + 150,000 x 0.25 + 15,000 = 427,500.
    @ParameterizedTest
    @CsvSource({"200000, 0, 260000000", "200001, 0, 515002500", "300000, 150000, 427500000"})
    void longPromptsCostMoreForAllOfTheRequest(long prompt, long cached, long nanoUsd) {
        assertThat(shipped(GEMINI, "gemini-2.5-pro", Usage.reported(prompt, cached, 1_000, 0), "2026-11-18T12:00:00Z"))
                .isEqualTo(nanoUsd);
    }

    @Test
    void whatThinksHasAPriceOfItsOwnWhereThereIsOne() throws IOException {
        String list = "prices: [{model: m, input: 1usd, output: 2usd, reasoning: 3.5usd}]";
        // 10 x 1 + 40 x 2 + 60 x 3.5 = 300 millionths
        assertThat(own(list, NIGHT).of(Usage.reported(10, 0, 100, 60), NIGHT)).isEqualTo(300_000);
        String plain = "prices: [{model: m, input: 1usd, output: 2usd}]";
        assertThat(own(plain, NIGHT).of(Usage.reported(10, 5, 100, 60), NIGHT)).isEqualTo(210_000);
    }

    /// A window over midnight belongs to the day on which it begins: Friday's goes on into Saturday.
    @ParameterizedTest
    @CsvSource({
        "2026-11-20T22:29:59Z, 1000000",
        "2026-11-20T22:30:00Z, 500000",
        "2026-11-20T23:59:59Z, 500000",
        "2026-11-21T00:00:00Z, 500000",
        "2026-11-21T05:59:59Z, 500000",
        "2026-11-21T06:00:00Z, 1000000",
        "2026-11-21T23:00:00Z, 1000000",
        "2026-11-22T03:00:00Z, 1000000",
    })
    void hoursMayCrossMidnight(Instant ended, long nanoUsd) throws IOException {
        String list = "prices: [{model: m, input: 1usd, output: 1usd, hours: [{factor: 0.5, from: \"22:30\","
                + " to: \"06:00\", days: [mon, tue, wed, thu, fri]}]}]";
        assertThat(own(list, ended).of(Usage.reported(600, 400), ended)).isEqualTo(nanoUsd);
    }

    @ParameterizedTest
    @CsvSource({"2026-01-31T23:59:59Z, 1000", "2026-02-01T00:00:00Z, 2000", "2027-01-01T00:00:00Z, 2000"})
    void aPriceCountsFromItsDayOn(Instant at, long nanoUsd) throws IOException {
        String list = "prices:\n  - {model: m, from: 2026-02-01, input: 2usd, output: 1usd}\n"
                + "  - {model: m, input: 1usd, output: 1usd}\n";
        assertThat(own(list, at).of(Usage.reported(1, 0), at)).isEqualTo(nanoUsd);
    }

    @Test
    void halfANanoDollarIsRoundedUp() throws IOException {
        String list = "prices: [{model: m, input: 0.0005usd, output: 0.0004usd}]";
        assertThat(own(list, NIGHT).of(Usage.reported(1, 0), NIGHT)).isEqualTo(1);
        assertThat(own(list, NIGHT).of(Usage.reported(0, 1), NIGHT)).isEqualTo(0);
        assertThat(own(list, NIGHT).of(Usage.reported(3, 0), NIGHT)).isEqualTo(2);
    }

    @Test
    void anUnknownModelHasNoPriceAndOnesOwnListCountsFirst() throws IOException {
        assertThat(PriceReader.list(null).find(DEEPSEEK, "nobody-knows", NIGHT)).isNull();
        assertThat(PriceReader.list(null).find(at("other", "https://example.com"), "deepseek-v4-pro", NIGHT))
                .isNull();
        PriceList list = own("prices: [{provider: ds, model: \"deepseek-*\", input: 7usd, output: 7usd}]");
        assertThat(Objects.requireNonNull(list.find(DEEPSEEK, "deepseek-v4-pro", NIGHT))
                        .of(Usage.reported(1, 0), NIGHT))
                .isEqualTo(7_000);
        assertThat(Objects.requireNonNull(list.find(GEMINI, "gemini-2.5-pro", NIGHT)))
                .isNotNull();
    }

    @Test
    void theMostThatARequestCanCostIsAtItsDearestHourAndTier() {
        Price deepSeek = Objects.requireNonNull(PriceReader.list(null).find(DEEPSEEK, "deepseek-v4-pro", NIGHT));
        assertThat(deepSeek.most(1_000, 500)).isEqualTo(2 * (1_000 * 660 + 500 * 1_980));
        assertThat(deepSeek.maxOutput()).isEqualTo(393_216);
        Price gemini = Objects.requireNonNull(PriceReader.list(null).find(GEMINI, "gemini-2.5-pro", NIGHT));
        assertThat(gemini.most(200_001, 10)).isEqualTo(200_001L * 2_500 + 10 * 15_000);
        assertThat(gemini.most(Long.MAX_VALUE / 2, Long.MAX_VALUE / 2)).isPositive();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "prices: [{model: m, input: 1}]|`output` is missing",
                "prices: [{input: 1usd, output: 1usd}]|expected `model`",
                "prices: [{model: m, input: 1, output: 1usd}]|prices.yaml:1:28: `prices[0].input` is `1`, expected money for a million tokens, like 0.28usd",
                "prices: [{model: m, input: 1usd, output: 1usd, hours: [{factor: 2, from: \"9\", to: \"10:00\"}]}]|expected a time of day like 09:00",
                "prices: [{model: m, input: 1usd, output: 1usd, hours: [{factor: 2, from: \"09:00\", to: \"10:00\", days: [monday]}]}]|expected days like mon",
                "prices: [{model: m, input: 1usd, output: 1usd, cache: 1usd}]|unknown key `prices[0].cache`",
            })
    void aWrongListIsAnErrorThatNamesThePlace(String yaml, String message) {
        assertThatThrownBy(() -> own(yaml)).isInstanceOf(ConfigException.class).hasMessageContaining(message);
    }

    @Test
    void aListThatIsNotThereIsAnError() {
        assertThatThrownBy(() -> PriceReader.list(folder.resolve("none.yaml")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("prices: ");
    }
}
