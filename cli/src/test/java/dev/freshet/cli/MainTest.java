package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.meter.Entry;
import dev.freshet.gateway.meter.Ledger;
import dev.freshet.gateway.meter.Opened;
import dev.freshet.gateway.meter.Served;
import dev.freshet.gateway.meter.Spender;
import dev.freshet.gateway.model.Usage;
import dev.freshet.simulator.Simulator;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Commands, their exit codes, and what people read.
class MainTest {
    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        return Main.run(arguments, new PrintWriter(out, true), new PrintWriter(err, true));
    }

    private void assertOneLine(String words) {
        assertThat(err.toString())
                .startsWith("freshet: ")
                .contains(words)
                .containsOnlyOnce("\n")
                .endsWith("\n");
    }

    private String file(String yaml) throws IOException {
        Path file = folder.resolve("freshet.yaml");
        Files.writeString(file, yaml);
        return file.toString();
    }

    @Test
    void versionPrintsVersionBuildAndJdk() {
        assertThat(run("version")).isZero();
        assertThat(out.toString())
                .matches("freshet \\S+ \\(build \\S+, JDK "
                        + Pattern.quote(Runtime.version().toString()) + "\\)\\R");
    }

    @Test
    void helpListsTheCommandsThatThereAre() {
        assertThat(run("help")).isZero();
        assertThat(out.toString())
                .contains("serve", "simulate", "validate", "version")
                .doesNotContain("train");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            nonsense              | nonsense
            serve --prt 1         | --prt
            serve --port many     | many
            serve --port 70000    | from 0 to 65535
            serve -c              | FILE
            """)
    void wrongUsageIsOneLineAndExitCode2(String arguments, String words) {
        assertThat(run(arguments.split(" +", -1))).isEqualTo(2);
        assertOneLine(words);
    }

    @Test
    void noCommandIsWrongUsage() {
        assertThat(run()).isEqualTo(2);
        assertOneLine("freshet serve");
    }

    @Test
    void keysAreMadeListedAndRevoked() throws IOException {
        String yaml = file("data: " + folder.resolve("data") + "\n");
        assertThat(run(
                        "keys",
                        "create",
                        "--name",
                        "ci",
                        "--owner",
                        "build",
                        "--models",
                        "a,b*",
                        "--expires",
                        "90d",
                        "--rpm",
                        "60",
                        "--budget",
                        "2.50usd/day",
                        "-c",
                        yaml))
                .isZero();
        String key = out.toString();
        assertThat(key).as("the key alone").matches("fsh_[a-z2-9]{10}_[A-Za-z0-9_-]{43}\\R");
        String id = key.substring(4, 14);
        out.getBuffer().setLength(0);
        assertThat(run("keys", "list", "-c", yaml)).isZero();
        assertThat(out.toString())
                .containsPattern(id + " +ci +build +- +a,b\\* +\\S+ +good until \\S+; rpm 60; 2\\.5usd/day");
        assertThat(out.toString()).doesNotContain(key.strip());
        assertThat(run("keys", "revoke", "ci", "-c", yaml)).isZero();
        assertThat(out.toString()).contains("revoked " + id);
        assertThat(run("keys", "list", "-c", yaml)).isZero();
        assertThat(out.toString()).containsPattern(id + ".* revoked \\d{4}-");
        assertThat(run("keys", "revoke", "ci", "-c", yaml)).isEqualTo(2);
        assertOneLine("there is no such key");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("data"))))
                .isEqualTo("rwx------");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            keys                                       | keys create, keys list or keys revoke
            keys create                                | --name
            keys create --name a:b                     | --name takes a name
            keys create --name ci --expires soon       | --expires takes a time
            keys create --name ci --expires 2020-01-01 | --expires takes a time
            keys create --name ci --budget 5usd        | --budget takes money for each day or month
            keys create --name ci --tpm 0              | --tpm takes a number
            usage --by colour                          | --by takes key, owner, team
            usage --since soon                         | --since takes a day
            usage --json --csv                         | not both
            keys create --name ci --rpm 0              | --rpm takes a number
            """)
    void wrongUseOfKeysAndUsageIsOneLine(String arguments, String words) {
        assertThat(run(arguments.split(" +", -1))).isEqualTo(2);
        assertOneLine(words);
    }

    @Test
    void whereNothingWasWrittenUsageSaysSo() throws IOException {
        assertThat(run("usage", "-c", file("data: " + folder.resolve("none") + "\n")))
                .isEqualTo(2);
        assertOneLine("there is no ledger in " + folder.resolve("none"));
    }

    private static Entry entry(String stream, String user, Usage usage, @Nullable Long nanoUsd) {
        Spender who = new Spender("ci-id", "build", null, user, null, null);
        long now = System.currentTimeMillis() / 1000;
        Served served = new Served("up", "m");
        return new Entry(stream, who, "m", served, now, now, "completed", usage, nanoUsd, 1, 0, 5, 9, null, Map.of());
    }

    @Test
    void whatWasSpentIsATableJsonOrCsv() throws Exception {
        Path data = Files.createDirectory(folder.resolve("data"));
        try (Ledger ledger = Ledger.open(data, () -> Duration.ofDays(90), () -> System.currentTimeMillis() / 1000)) {
            ledger.start();
            List<Entry> some = List.of(
                    entry("a", "=HYPERLINK(1)", Usage.reported(1_200, 200, 3_400, 0), 12_345_678_900L),
                    entry("b", "bob", Usage.estimated(10, 20), null));
            for (Entry one : some) {
                ledger.opened(new Opened(one.stream(), one.spender(), "m", one.served(), one.created(), 1, null), null);
                ledger.settled(one, false);
            }
        }
        String yaml = file("data: " + data + "\n");
        assertThat(run("usage", "-c", yaml)).isZero();
        assertThat(out.toString())
                .containsPattern("model +requests +prompt +cached +completion +reasoning +cost")
                .containsPattern("m +2 +1,210 +200 +3,420 +0 +12\\.3457 +1 estimated, 1 of unknown cost");
        out.getBuffer().setLength(0);
        assertThat(run("usage", "--by", "user", "--csv", "-c", yaml)).isZero();
        assertThat(out.toString())
                .contains("user,requests,", "\"'=HYPERLINK(1)\",1,1200,200,3400,0,0,0,0,12345678900", "bob,1,10,0,20");
        out.getBuffer().setLength(0);
        assertThat(run("usage", "--by", "key", "--json", "--since", "2020-01-01", "-c", yaml))
                .isZero();
        assertThat(out.toString()).endsWith("}" + System.lineSeparator());
        JsonNode json = new JsonMapper().readTree(out.toString());
        assertThat(json.at("/rows/0/key").asString()).isEqualTo("ci-id");
        assertThat(json.at("/rows/0/nano_usd").asLong()).isEqualTo(12_345_678_900L);
        assertThat(json.at("/total/unknown_cost").asInt()).isEqualTo(1);
        assertThat(json.at("/since").asString()).isEqualTo("2020-01-01");
    }

    @Test
    void aGoodFileIsGoodAndWarningsAreSaid() throws IOException {
        String yaml = "providers: {a: {base_url: \"http://127.0.0.1:1/v1\"}}\nledger: off\n"
                + "guards: {g: {stop_when: [{contains: [x]}], audit: {holdout: 5%}}}\n";
        assertThat(run("validate", "-c", file(yaml))).isZero();
        assertThat(out.toString()).contains("warning: `guards.g.audit`", "is good");
    }

    @Test
    void liveAsksEachTargetWithEachOfItsKeysForAToken() throws IOException {
        try (Simulator good =
                        Simulator.builder().recording(true).requireKey("right").start();
                Simulator bad = Simulator.builder().faultAddresses(true).start()) {
            String yaml = """
                    providers:
                      good: {base_url: "%s", api_keys: [right, wrong]}
                      bad: {base_url: "%s"}
                      theirs: {base_url: "%s", api_key: caller}
                      away: {base_url: "%s"}
                    models:
                      one: {targets: [{provider: good, model: tokens-9-at-10}]}
                      two: {targets: [{provider: bad, model: status-503}, {provider: away, model: m}]}
                      three: {targets: [{provider: theirs, model: m}]}
                      "*": {targets: [{provider: good}]}
                    """.formatted(
                            good.baseUri(),
                            bad.baseUri(),
                            bad.baseUri(),
                            bad.addresses().get(1).base());
            assertThat(run("validate", "--live", "-c", file(yaml))).isEqualTo(1);
            assertThat(out.toString())
                    .containsPattern("one -> good/tokens-9-at-10 \\(key 1 of 2\\): first token after \\d+ ms\n")
                    .contains(
                            "one -> good/tokens-9-at-10 (key 2 of 2): fails: The provider good refused this gateway's"
                                    + " account (401)",
                            "two -> bad/status-503: fails: The provider bad said: The engine failed.",
                            "two -> away/m: fails: The provider away cannot be reached (connection refused or lost)",
                            "three -> theirs/m: not asked, because it is asked with its clients' keys",
                            "* -> good/*: not asked, because its clients name the model")
                    .doesNotContain("right", "wrong");
            // Stopped at the first of nine tokens.
            assertThat(good.exchanges()).hasSize(1);
            assertThat(good.exchanges().getFirst().writes()).isLessThan(9);
        }
    }

    @Test
    void liveIsDoneWhereNothingFails() throws IOException {
        String yaml =
                "providers: {s: {dialect: simulated}}\nmodels: {m: {targets: [{provider: s, model: tokens-1}]}}\n";
        assertThat(run("validate", "--live", "-c", file(yaml))).isZero();
        assertThat(out.toString()).contains("m -> s/tokens-1: first token after ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"validate", "serve"})
    void aWrongFileIsOneLineWithItsPlace(String command) throws IOException {
        assertThat(run(command, "-c", file("listen:\n  prt: 1\n"))).isEqualTo(2);
        assertOneLine("freshet.yaml:2:3: unknown key `listen.prt`");
    }

    @ParameterizedTest
    @ValueSource(strings = {"validate", "serve"})
    void aFileThatIsNotThereIsSaid(String command) {
        assertThat(run(command, "-c", folder.resolve("none.yaml").toString())).isEqualTo(2);
        assertOneLine("there is no such file");
    }

    @Test
    void aVariableThatIsNotSetIsSaid() throws IOException {
        assertThat(run("validate", "-c", file("data: ${FRESHET_TEST_NOT_SET}\n")))
                .isEqualTo(2);
        assertOneLine("FRESHET_TEST_NOT_SET is not set");
    }

    @Test
    void aPortThatIsTakenIsSaidWithTheCure() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String yaml = file("data: " + folder.resolve("data") + "\nlisten: {port: " + taken.getLocalPort() + "}\n");
            assertThat(run("serve", "-c", yaml)).isEqualTo(2);
            assertOneLine("choose another with --port");
            assertThat(run("simulate", "--port", String.valueOf(taken.getLocalPort())))
                    .isEqualTo(2);
        }
    }

    @Test
    void listeningBeyondLoopbackWithoutKeysIsRefused() throws IOException {
        assertThat(run("serve", "-c", file(""), "--host", "0.0.0.0")).isEqualTo(2);
        assertOneLine("would let anyone on the network spend");
    }

    @Test
    void aScriptThatIsWrongIsSaidWithItsPlace() throws IOException {
        assertThat(run("simulate", "--port", "0", "--script", file("models: {m: [dance]}\n")))
                .isEqualTo(2);
        assertOneLine("freshet.yaml:1:14: there is no step `dance`");
    }

    @Test
    void theDataFolderIsItsOwnersOnly() throws IOException {
        Path data = folder.resolve("a/data");
        DataFolder.make(data);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(data)))
                .isEqualTo("rwx------");
    }
}
