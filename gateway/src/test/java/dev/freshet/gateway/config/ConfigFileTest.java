package dev.freshet.gateway.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.gateway.model.Budget;
import dev.freshet.gateway.model.HashedKey;
import dev.freshet.gateway.model.Model;
import dev.freshet.gateway.model.Provider;
import dev.freshet.gateway.model.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigFileTest {
    private static final Environment ENVIRONMENT = new Environment(Map.of("DEEPSEEK_API_KEY", "sk-deep", "EMPTY", ""));

    private static Config parse(String yaml) {
        return ConfigFile.parse(yaml, "freshet.yaml", ENVIRONMENT);
    }

    @TempDir
    Path folder;

    private static Model model(Config config, String name) {
        return Objects.requireNonNull(config.models().get(name));
    }

    private static String resource(String name) throws IOException {
        try (var in = ConfigFileTest.class.getResourceAsStream(name)) {
            return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private String prices() throws IOException {
        return Files.writeString(folder.resolve("prices.yaml"), "prices: []").toString();
    }

    @Test
    void anEmptyFileIsTheDefaults() {
        Config config = parse("");
        assertThat(config.listen()).isEqualTo(Config.Listen.DEFAULT);
        assertThat(config.demoAnswersAll()).isTrue();
        assertThat(config.warnings()).isEmpty();
    }

    @Test
    void everyKeyOfTheContractIsKnown() throws IOException {
        Config config = parse(resource("whole.yaml").replace("prices.yaml", prices()));
        assertThat(config.listen().names()).containsExactly("gateway.lan");
        assertThat(config.data()).isEqualTo(Path.of("./freshet-data"));
        Provider deepseek = config.providers().get("deepseek");
        assertThat(deepseek).isNotNull();
        assertThat(deepseek.baseUrl()).hasToString("https://api.deepseek.com/v1");
        assertThat(deepseek.headers()).containsEntry("X-Org", "acme");
        assertThat(deepseek.auth())
                .isInstanceOfSatisfying(
                        Provider.Auth.Keys.class,
                        keys -> assertThat(keys.all()).containsExactly(new Secret("sk-deep")));
        Model chat = config.models().get("deepseek-chat");
        assertThat(chat).isNotNull();
        assertThat(chat.targets()).hasSize(2);
        assertThat(chat.targets().get(1).rename()).containsEntry("max_completion_tokens", "max_tokens");
        assertThat(chat.targets().get(1).drop()).containsExactly("seed");
        assertThat(chat.targets().get(1).set()).containsEntry("temperature", "0");
        assertThat(chat.timeouts().firstToken()).isEqualTo(Duration.ofMinutes(5));
        assertThat(config.limits().body()).isEqualTo(20 << 20);
        assertThat(config.streams().maxEvent()).isEqualTo(4 << 20);
    }

    @Test
    void keysOfTheFileAreReadWithTheirLimits() {
        String hash = "0123456789abcdef".repeat(4);
        String key = "keys: [{name: ci, hash: \"" + hash + "\", owner: build, models: [a, b*], rpm: 5, streams: 2%s}]";
        HashedKey read = parse(key.formatted("")).keys().getFirst();
        assertThat(read.sha256()).isEqualTo(hash);
        assertThat(read.key().ownedBy().name()).isEqualTo("build");
        assertThat(read.key().allowance().rpm()).isEqualTo(5);
        assertThat(read.key().allowance().models()).containsExactly("a", "b*");
        HashedKey more =
                parse(key.formatted(", tpm: 9000, budget: 5usd/day")).keys().getFirst();
        assertThat(more.key().allowance().tpm()).isEqualTo(9000);
        assertThat(more.key().allowance().budget()).isEqualTo(new Budget(5_000_000_000L, Budget.Period.DAY));
        assertThatThrownBy(() -> parse(key.formatted(", budget: 5usd/week")))
                .hasMessageContaining("expected a budget like 5usd/day or 100usd/month");
    }

    @Test
    void ownersHaveLimitsAndTheLedgerCanBeOff() {
        Config config = parse("owners: {build: {rpm: 5, budget: 0.5usd/month}}\nledger: off\n");
        assertThat(Objects.requireNonNull(config.accounts().owners().get("build"))
                        .budget())
                .isEqualTo(new Budget(500_000_000, Budget.Period.MONTH));
        assertThat(config.accounts().ledger()).isFalse();
        assertThat(parse("ledger: {keep: 7d}\n").accounts().keep()).isEqualTo(Duration.ofDays(7));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            keys: [{name: ci, hash: abc}]            | expected the SHA-256 of a long random key
            listen: {tls: {certificate: a, key: b}}  | a cannot be read; expected a PEM file
            listen: {tls: {certificate: a}}  | `key` is missing
            providers: {a: {dialect: anthropic, base_url: "https://a.example/v1"}} | the dialect anthropic is not in this version
            """)
    void whatWouldExposeOrSpendIsAnError(String yaml, String message) {
        assertThatThrownBy(() -> parse(yaml))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            lisen: {port: 1}                         | freshet.yaml:1:1: unknown key `lisen`; here are known: listen
            listen: {prt: 1}                         | freshet.yaml:1:10: unknown key `listen.prt`; here are known: port
            streams: {head_after: 10}                | freshet.yaml:1:23: `streams.head_after` is `10`, expected a duration like 250ms
            streams: {max_size: big}                 | freshet.yaml:1:21: `streams.max_size` is `big`, expected a size like 64KiB
            listen: {port: 80000}                    | expected a port from 0 to 65535
            access: maybe                            | expected one of keys, open
            data: ${NOT_SET}                         | freshet.yaml:1:7: the environment variable NOT_SET is not set; set it, or write ${NOT_SET:-default}
            data: ${EMPTY}                           | EMPTY is not set
            listen: [1]                              | freshet.yaml:1:9: expected a mapping
            providers: {a: {base_url: "ftp://x"}}    | is not an API's base; expected something like https://api.example.com/v1
            providers: {a: {}}                       | `base_url` is missing
            providers: {a/b: {base_url: "http://x"}} | has no slash
            models: {m: {targets: [{provider: p}]}}  | there is no provider `p`
            models: {m: {}}                          | expected `targets` with at least one
            limits: {write_timeout: 0s}              | expected more than 0
            {providers: {p: {base_url: "http://x"}}, models: {m: {targets: [{provider: p}], retry: {attempts: 0}}}} | expected at least 1, which asks once
            {providers: {p: {base_url: "http://x"}}, models: {m: {targets: [{provider: p, weight: 0}]}}} | expected a number over 0
            streams: {store: tape}                   | expected one of memory, disk
            streams: {grace: 20m}                    | freshet.yaml:1:18: `grace` is longer than `max_grace`
            providers: {p: {base_url: "http://x", prefill: {}}} | `field` is missing
            providers: {p: {base_url: "http://x", prefill: {field: "a b"}}} | expected a member's name: prefix, partial
            {providers: {p: {base_url: "http://x"}}, models: {m: {targets: [{provider: p}], continue: prefill}}} | none of its providers says how it continues
            {providers: {p: {base_url: "http://x"}}, models: {m: {targets: [{provider: p}], takes: [smells]}}} | expected some of text, image, file, audio, and not `smells`
            listen: {port: 1                         | not YAML
            providers: {p: {base_url: "http://x"}, q: {base_url: "http://x", api_key: "a b"}} | a key is one word
            """)
    void anErrorNamesThePlaceAndTheCure(String yaml, String message) {
        assertThatThrownBy(() -> parse(yaml))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(message);
    }

    @Test
    void aKeyThatStandsTwiceIsAnErrorWithItsLine() {
        assertThatThrownBy(() -> parse("listen:\n  port: 1\n  port: 2\n"))
                .hasMessage("freshet.yaml:3:3: the key `port` stands here twice; remove one");
    }

    @Test
    void valuesComeFromTheEnvironmentAndKeysDoNot() {
        Config config = parse("data: ${WHERE:-/var/freshet}\n");
        assertThat(config.data()).isEqualTo(Path.of("/var/freshet"));
        assertThatThrownBy(() -> parse("${DEEPSEEK_API_KEY}: 1")).hasMessageContaining("unknown key");
    }

    @Test
    void whereAnotherTargetFollowsTheFirstTokenHasAMinute() {
        Config config = parse("""
                providers: {a: {base_url: "http://a.example/v1"}}
                models:
                  one: {targets: [{provider: a}]}
                  two: {targets: [{provider: a}, {provider: a, model: b}]}
                """);
        assertThat(model(config, "one").timeouts().firstToken()).isEqualTo(Duration.ofMinutes(5));
        assertThat(model(config, "two").timeouts().firstToken()).isEqualTo(Duration.ofSeconds(60));
    }

    @Test
    void aLimitOfZeroIsNone() {
        String yaml =
                "providers: {a: {base_url: \"http://a.example/v1\"}}\nmodels: {m: {targets: [{provider: a}], timeouts: {idle: 0s}}}";
        assertThatThrownBy(() -> parse(yaml))
                .hasMessageContaining("freshet.yaml:2:")
                .hasMessageContaining("a limit of 0");
    }

    @Test
    void anErrorIsOneLineWhereTheCharacterThatIsWrongEndsOne() {
        assertThatThrownBy(() -> parse("listen: &\n"))
                .hasMessageContaining("not YAML")
                .message()
                .doesNotContain("\n");
    }

    @Test
    void aSecretIsNeverPrinted() throws IOException {
        assertThat(parse(resource("whole.yaml").replace("prices.yaml", prices()))
                        .toString())
                .doesNotContain("sk-deep");
    }

    @Test
    void aListenerThatAsksForNoKeyStaysOnLoopbackWhateverTheCommandLineSays() {
        Config.Listen open = new Config.Listen("0.0.0.0", 8080, List.of(), null, List.of());
        Config exposed = parse("").withListen(open);
        assertThatThrownBy(() -> exposed.refuseExposure(false))
                .hasMessageContaining("would let anyone on the network spend");
        exposed.refuseExposure(true);
        parse("access: open").withListen(open).refuseExposure(false);
        parse("access: keys").withListen(open).refuseExposure(true);
        assertThatThrownBy(() -> parse("listen: {cors: \"*\"}").refuseExposure(false))
                .hasMessageContaining("`*` needs keys");
    }
}
