package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.freshet.gateway.EventClient.Event;
import dev.freshet.gateway.access.KeyStore;
import dev.freshet.gateway.config.ConfigException;
import dev.freshet.gateway.config.ConfigFile;
import dev.freshet.gateway.config.Environment;
import dev.freshet.gateway.model.Allowance;
import dev.freshet.gateway.model.Budget;
import dev.freshet.simulator.Exchange;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The gateway's own keys: who may come in, what they may ask for, and how it ends.
class KeysWireTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    Path folder;

    private Simulator simulator;
    private KeyStore keys;
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);

    @BeforeEach
    void start() throws IOException {
        simulator = Simulator.builder()
                .recording(true)
                .script("stalls", Script.of(Steps.head(), Steps.text("a"), Steps.hang()))
                .start();
        keys = new KeyStore(folder);
        root.setLevel(Level.DEBUG);
        log.start();
        root.addAppender(log);
    }

    @AfterEach
    void stop() {
        root.detachAppender(log);
        root.setLevel(Level.WARN);
        simulator.close();
    }

    private Gateway gateway(String more) throws IOException {
        return gateway(more, Map.of());
    }

    private Gateway gateway(String more, Map<String, String> environment) throws IOException {
        String yaml = """
                data: "%s"
                providers: {up: {base_url: "%s"}, theirs: {base_url: "%s", api_key: caller}}
                models:
                  "*": {targets: [{provider: up}]}
                  passed-on: {targets: [{provider: theirs, model: tokens-1}]}
                """.formatted(folder, simulator.baseUri(), simulator.baseUri());
        return Gateway.start(ConfigFile.parse(yaml + more, "freshet.yaml", new Environment(environment)), null);
    }

    private static long now() {
        return System.currentTimeMillis() / 1000;
    }

    private String key(String name, @Nullable String owner, String... models) {
        return keys.create(new KeyStore.Wanted(name, owner, null, Allowance.ALL.of(List.of(models)), null), now());
    }

    private static String bearer(String key) {
        return "Authorization: Bearer " + key;
    }

    private static EventClient ask(Gateway gateway, String model, String... headers) throws IOException {
        return EventClient.post(gateway.address(), StreamsWireTest.body(model), headers);
    }

    private static int status(Gateway gateway, String method, String path, String... headers) throws IOException {
        try (EventClient client = EventClient.send(gateway.address(), method, path, headers)) {
            return client.status();
        }
    }

    private static void awaitStatus(Gateway gateway, int wanted, String... headers) throws Exception {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (status(gateway, "GET", "/v1/models", headers) != wanted) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.sleep(20);
        }
    }

    /// Everything but these few is refused without a key, what does not exist included.
    @ParameterizedTest
    @CsvSource(textBlock = """
            GET,    /,                        200
            GET,    /chat/main.js,            200
            GET,    /freshet.js,              200
            GET,    /health/live,             200
            GET,    /health/ready,            200
            GET,    /v1/models,               401
            POST,   /v1/chat/completions,     401
            POST,   /v1/tokens,               401
            GET,    /metrics,                 401
            GET,    /v1/streams/x,            401
            DELETE, /v1/streams/x,            401
            GET,    /v1/streams/x/events,     401
            GET,    /v1/usage,                401
            GET,    /nothing,                 401
            PUT,    /v1/models,               401
            GET,    /v1/streams/x/events?token=v1.9.x, 404
            """)
    void withoutAKeyThereIsLittle(String method, String path, int expected) throws IOException {
        key("any", null);
        try (Gateway gateway = gateway("listen: {port: 0}\n");
                EventClient client = EventClient.send(
                        gateway.address(), method, path, "Content-Type: application/json", "Content-Length: 0")) {
            assertThat(client.status()).isEqualTo(expected);
            if (expected == 401) {
                assertThat(client.header("WWW-Authenticate")).isEqualTo("Bearer");
                assertThat(client.body()).contains("\"code\":\"invalid_api_key\"");
            }
        }
    }

    /// The first version's file knew no tokens a minute and no budgets.
    @Test
    void keysOfTheFirstVersionOfTheFileStayGood() throws Exception {
        String key = key("old", "me");
        Path file = folder.resolve("freshet.db");
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            for (String column : List.of("tpm", "budget", "period"))
                statement.execute("ALTER TABLE key DROP COLUMN " + column);
            statement.execute("PRAGMA user_version = 1");
        }
        try (Gateway gateway = gateway("listen: {port: 0}\n")) {
            assertThat(status(gateway, "GET", "/v1/models", bearer(key))).isEqualTo(200);
            assertThat(keys.list().getFirst().allowance().budget()).isNull();
            String fresh = keys.create(
                    new KeyStore.Wanted(
                            "fresh",
                            null,
                            null,
                            new Allowance(List.of(), null, 5, null, new Budget(7, Budget.Period.MONTH)),
                            null),
                    now());
            awaitStatus(gateway, 200, bearer(fresh));
            assertThat(keys.list().stream()
                            .filter(one -> one.name().equals("fresh"))
                            .findFirst()
                            .orElseThrow()
                            .allowance())
                    .isEqualTo(new Allowance(List.of(), null, 5, null, new Budget(7, Budget.Period.MONTH)));
        }
    }

    /// A route that is new must be entered here, with who may ask for it.
    @Test
    void everyRouteHasItsRoleAndWhatIsNotForAnyoneIsDenied() throws IOException {
        String key = key("any", null);
        try (Gateway gateway = gateway("listen: {port: 0}\n")) {
            assertThat(gateway.routes())
                    .filteredOn(route -> !route.matches("GET /([a-z]+\\.js|chat/.*) ANYONE"))
                    .containsExactly(
                            "DELETE /v1/streams/* KEY",
                            "GET / ANYONE",
                            "GET /health/live ANYONE",
                            "GET /health/ready ANYONE",
                            "GET /metrics KEY",
                            "GET /v1/models KEY",
                            "GET /v1/streams/* KEY",
                            "GET /v1/streams/*/events KEY_OR_READ_TOKEN",
                            "GET /v1/usage KEY_ITSELF",
                            "POST /v1/chat/completions KEY",
                            "POST /v1/tokens KEY_ITSELF");
            for (String route : gateway.routes()) {
                String[] parts = route.replace("*", "AAAAAAAAAAAAAAAAAAAAAA").split(" ", -1);
                boolean anyone = parts[2].equals("ANYONE");
                String[] post = {"Content-Type: application/json", "Content-Length: 0"};
                assertThat(status(gateway, parts[0], parts[1], post) == 401)
                        .as(route)
                        .isEqualTo(!anyone);
                assertThat(status(gateway, parts[0], parts[1], bearer(key), post[0], post[1]))
                        .as(route)
                        .isNotEqualTo(401);
            }
        }
    }

    @Test
    void fromTheFirstKeyOnAKeyIsAskedForAlsoWhileItRuns() throws Exception {
        try (Gateway gateway = gateway("listen: {port: 0}\n")) {
            assertThat(status(gateway, "GET", "/v1/models")).isEqualTo(200);
            String key = key("first", null);
            awaitStatus(gateway, 401);
            try (EventClient client = ask(gateway, "tokens-3", bearer(key))) {
                assertThat(StreamsWireTest.text(client.rest())).isEqualTo("1 2 3 ");
            }
            assertThat(status(gateway, "GET", "/metrics", bearer(key))).isEqualTo(200);
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("freshet.db"))))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("keys.secret"))))
                .isEqualTo("rw-------");
    }

    @Test
    void whatIsNoGoodKeyIsRefusedAlikeAndNothingOfItIsLogged() throws Exception {
        String good = key("good", null);
        String expired = keys.create(new KeyStore.Wanted("old", null, null, Allowance.ALL, now() - 1), now());
        String revoked = key("gone", null);
        keys.revoke(revoked.split("_", 3)[1], now());
        List<String> wrong = List.of(
                expired,
                revoked,
                good.substring(0, good.length() - 1) + (good.endsWith("A") ? "B" : "A"),
                good.substring(1),
                good + "x",
                "fsh_aaaaaaaaaa_canary-canary-canary-canary-canary-canary-9",
                "' OR '1'='1'; DROP TABLE key; --canary",
                "%s%n%x ${jndi:ldap://canary} {}",
                "fst.canary.canary",
                "canary");
        try (Gateway gateway = gateway("listen: {port: 0}\n")) {
            String first = null;
            for (String one : wrong) {
                try (EventClient client = ask(gateway, "tokens-1", bearer(one))) {
                    assertThat(client.status()).as(one).isEqualTo(401);
                    String body = client.body();
                    if (first == null) first = body;
                    assertThat(body).as("alike").isEqualTo(first);
                }
            }
            assertThat(status(gateway, "GET", "/v1/models", "Authorization: Basic " + good))
                    .isEqualTo(401);
            assertThat(status(gateway, "GET", "/v1/models", bearer("\u0001canary")))
                    .isEqualTo(400);
            assertThat(status(gateway, "GET", "/v1/models", bearer("canary".repeat(170_000))))
                    .isEqualTo(431);
            try (EventClient client = ask(gateway, "tokens-1", bearer(good))) {
                assertThat(client.status()).isEqualTo(200);
                client.rest();
            }
        }
        assertThat(simulator.exchanges()).hasSize(1);
        assertThat(keys.list()).hasSize(3);
        String secret = good.substring(good.lastIndexOf('_') + 1);
        for (ILoggingEvent event : List.copyOf(log.list)) {
            assertThat(event.getFormattedMessage() + event.getKeyValuePairs()).doesNotContain(secret, "canary");
        }
        for (String file : List.of("freshet.db", "keys.secret")) {
            String stored = new String(Files.readAllBytes(folder.resolve(file)), StandardCharsets.ISO_8859_1);
            assertThat(stored).as("only a hash is stored").doesNotContain(secret);
        }
    }

    @Test
    void whatRunsWithAKeyThatIsRevokedEndsWithinSeconds() throws Exception {
        String key = key("short", null);
        try (Gateway gateway = gateway("listen: {port: 0}\n");
                EventClient client = ask(gateway, "stalls", bearer(key), "Freshet-Ids: 1")) {
            client.next();
            String token;
            try (EventClient state =
                    EventClient.get(gateway.address(), "/v1/streams/" + client.stream(), bearer(key))) {
                token = JSON.readTree(state.body()).at("/token/value").asString();
            }
            String events = "/v1/streams/" + client.stream() + "/events?token=" + token;
            try (EventClient reader = EventClient.get(gateway.address(), events)) {
                assertThat(reader.status()).isEqualTo(200);
            }
            long began = System.nanoTime();
            keys.revoke(keys.list().getFirst().id(), now());
            List<Event> rest = client.rest();
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(5));
            assertThat(rest.getFirst().data()).contains("\"code\":\"invalid_api_key\"", "\"status\":401");
            assertThat(JSON.readTree(rest.getLast().data()).get("state").asString())
                    .isEqualTo("failed");
            simulator.awaitExchange(0, LIMIT).await(Exchange.State.CANCELLED, LIMIT);
            assertThat(status(gateway, "GET", "/v1/models", bearer(key))).isEqualTo(401);
            assertThat(status(gateway, "GET", events))
                    .as("its token is dead with it")
                    .isEqualTo(404);
        }
    }

    @Test
    void whatRunsWithAKeyThatExpiresEndsToo() throws Exception {
        String key = keys.create(new KeyStore.Wanted("brief", null, null, Allowance.ALL, now() + 2), now());
        try (Gateway gateway = gateway("listen: {port: 0}\n");
                EventClient client = ask(gateway, "stalls", bearer(key))) {
            assertThat(client.status()).isEqualTo(200);
            List<Event> events = client.rest();
            assertThat(events.getLast().data()).contains("\"code\":\"invalid_api_key\"");
            assertThat(status(gateway, "GET", "/v1/models", bearer(key))).isEqualTo(401);
        }
    }

    /// Nothing but `access: open` opens a gateway that asked for keys.
    @Test
    void itGoesOnAskingWhenItsKeysHaveGone() throws Exception {
        String key = key("gone", null);
        try (Gateway gateway = gateway("listen: {port: 0}\n")) {
            assertThat(status(gateway, "GET", "/v1/models", bearer(key))).isEqualTo(200);
            Files.delete(folder.resolve("freshet.db"));
            awaitStatus(gateway, 401, bearer(key));
            assertThat(status(gateway, "GET", "/v1/models")).isEqualTo(401);
            gateway.reload(
                    ConfigFile.parse("access: open\ndata: \"" + folder + "\"\n", "f", new Environment(Map.of())));
            assertThat(status(gateway, "GET", "/v1/models")).isEqualTo(200);
        }
    }

    @Test
    void processesThatMakeKeysAtTheSameMomentDoNotDisturbEachOther() throws Exception {
        List<Future<String>> made = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(16)) {
            for (int i = 0; i < 16; i++) {
                String name = "key-" + i;
                made.add(threads.submit(() -> new KeyStore(folder)
                        .create(new KeyStore.Wanted(name, null, null, Allowance.ALL, null), now())));
            }
        }
        try (Gateway gateway = gateway("listen: {port: 0}\n")) {
            for (Future<String> one : made)
                assertThat(status(gateway, "GET", "/v1/models", bearer(one.get())))
                        .isEqualTo(200);
        }
    }

    @Test
    void streamsAreTheirOwnersAndAnothersIsLikeAnUnknownOne() throws Exception {
        String mine = key("mine", "team-a");
        String ours = key("ours", "team-a");
        String alone = key("alone", null);
        String another = key("another", null);
        try (Gateway gateway = gateway("listen: {port: 0}\n")) {
            String id;
            try (EventClient client = ask(gateway, "tokens-3", bearer(mine))) {
                id = client.stream();
                client.rest();
            }
            String own;
            try (EventClient client = ask(gateway, "tokens-3", bearer(alone))) {
                own = client.stream();
                client.rest();
            }
            assertThat(status(gateway, "GET", "/v1/streams/" + id, bearer(ours)))
                    .isEqualTo(200);
            assertThat(status(gateway, "GET", "/v1/streams/" + own, bearer(alone)))
                    .isEqualTo(200);
            for (String path : List.of("", "/events")) {
                String unknown = answer(gateway, "/v1/streams/AAAAAAAAAAAAAAAAAAAAAA" + path, another);
                assertThat(answer(gateway, "/v1/streams/" + id + path, another)).isEqualTo(unknown);
                assertThat(answer(gateway, "/v1/streams/" + own + path, mine)).isEqualTo(unknown);
                assertThat(unknown).startsWith("404 ");
            }
            assertThat(status(gateway, "DELETE", "/v1/streams/" + id, bearer(another)))
                    .isEqualTo(404);
        }
    }

    private static String answer(Gateway gateway, String path, String key) throws IOException {
        try (EventClient client = EventClient.get(gateway.address(), path, bearer(key))) {
            return client.status() + " " + client.body();
        }
    }

    @Test
    void aKeyMayAskForItsModelsOnly() throws Exception {
        String key = key("narrow", null, "tokens-*", "passed-on");
        try (Gateway gateway = gateway("listen: {port: 0}\n")) {
            for (Map.Entry<String, Integer> one : Map.of("tokens-1", 200, "stalls", 403, "demo", 403, "tokens", 403)
                    .entrySet()) {
                try (EventClient client = ask(gateway, one.getKey(), bearer(key))) {
                    assertThat(client.status()).as(one.getKey()).isEqualTo(one.getValue());
                }
            }
            try (EventClient client = EventClient.get(gateway.address(), "/v1/models", bearer(key))) {
                assertThat(client.body()).contains("passed-on").doesNotContain("demo");
            }
        }
    }

    @Test
    void aKeyOfOursNeverGoesToAProvider() throws Exception {
        String key = key("ours", null);
        try (Gateway gateway = gateway("listen: {port: 0}\n");
                EventClient client = ask(gateway, "passed-on", bearer(key))) {
            client.rest();
        }
        assertThat(simulator.exchanges().getFirst().headers()).doesNotContainKey("authorization");
    }

    private static JsonNode token(Gateway gateway, String key, String body, int expected) throws IOException {
        try (Wire wire = new Wire(gateway.address())) {
            String answer = wire.send("POST /v1/tokens HTTP/1.1\r\nHost: localhost\r\n" + bearer(key)
                            + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n"
                            + body)
                    .readResponse();
            assertThat(answer).startsWith("HTTP/1.1 " + expected + " ");
            return JSON.readTree(answer.substring(answer.indexOf("\r\n\r\n") + 4));
        }
    }

    @Test
    void aTokenOfMinutesIsNarrowerThanItsKeyAndEndsWithIt() throws Exception {
        String key = key("for pages", "team", "tokens-*", "stalls");
        try (Gateway gateway = gateway("listen: {port: 0, cors: ['https://app.example']}\n")) {
            String origin = "Origin: https://app.example";
            String token = token(
                            gateway,
                            key,
                            "{\"models\":[\"tokens-3\"],\"origin\":\"https://app.example\",\"expires_in\":60}",
                            200)
                    .get("token")
                    .asString();
            try (EventClient client = ask(gateway, "tokens-3", bearer(token), origin)) {
                assertThat(client.status()).isEqualTo(200);
                assertThat(client.header("access-control-allow-origin")).isEqualTo("https://app.example");
                client.rest();
            }
            try (EventClient client = ask(gateway, "tokens-4", bearer(token), origin)) {
                assertThat(client.status()).isEqualTo(403);
            }
            try (EventClient client = ask(gateway, "tokens-3", bearer(token))) {
                assertThat(client.status()).as("another origin").isEqualTo(401);
            }
            assertThat(token(gateway, token + "x", "", 401).at("/error/code").asString())
                    .isEqualTo("invalid_api_key");
            String any = token(gateway, key, "", 200).get("token").asString();
            assertThat(token(gateway, any, "", 403).at("/error/code").asString())
                    .isEqualTo("forbidden");
            String brief =
                    token(gateway, key, "{\"expires_in\":1}", 200).get("token").asString();
            awaitStatus(gateway, 401, bearer(brief));
            for (String wrong : List.of(
                    "{\"models\":[\"demo\"]}",
                    "{\"models\":[\"t*\"]}",
                    "{\"models\":7}",
                    "{\"expires_in\":0}",
                    "{\"expires_in\":999999}",
                    "{\"origin\":\"app\"}",
                    "{\"budget\":1}",
                    "{\"nonsense\":1}",
                    "[")) {
                assertThat(token(gateway, key, wrong, 400).at("/error/code").asString())
                        .as(wrong)
                        .isEqualTo("invalid_request");
            }
            keys.revoke(keys.list().getFirst().id(), now());
            awaitStatus(gateway, 401, bearer(any));
        }
    }

    @Test
    void keysOfTheFileAndOfTheEnvironmentOpenToo() throws Exception {
        String text = "a long random key, or so";
        String hash = HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256")
                        .digest("key-of-the-file".getBytes(StandardCharsets.UTF_8)));
        String yaml = "listen: {port: 0}\nkeys: [{name: ci, hash: \"" + hash + "\", owner: build}]\n";
        try (Gateway gateway = gateway(yaml, Map.of("FRESHET_KEY", "key-of-the-environment"))) {
            assertThat(status(gateway, "GET", "/v1/models")).isEqualTo(401);
            assertThat(status(gateway, "GET", "/v1/models", bearer("key-of-the-file")))
                    .isEqualTo(200);
            assertThat(status(gateway, "GET", "/v1/models", bearer("key-of-the-environment")))
                    .isEqualTo(200);
            assertThat(status(gateway, "GET", "/v1/models", bearer(text))).isEqualTo(401);
        }
        assertThatThrownBy(() -> gateway("", Map.of("FRESHET_KEY", "short")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("FRESHET_KEY");
    }

    @Test
    void beyondLoopbackItStartsWithAKeyOnlyUnlessItIsOpenByName() throws Exception {
        String abroad = "listen: {host: 0.0.0.0, port: 0}\n";
        assertThatThrownBy(() -> gateway(abroad))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("freshet keys create");
        gateway(abroad + "access: open\n").close();
        gateway(abroad + "access: keys\n").close();
        assertThatThrownBy(() -> gateway("listen: {port: 0, cors: '*'}\n"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("`*` needs keys");
        key("first", null);
        gateway(abroad).close();
        gateway("listen: {port: 0, cors: '*'}\n").close();
    }

    @Test
    void whereAKeyIsAskedForForeignNamesAndPagesNeedNoOtherLeave() throws Exception {
        String key = key("any", null);
        try (Gateway gateway = gateway("listen: {port: 0}\n");
                Wire wire = new Wire(gateway.address())) {
            wire.send("GET /v1/models HTTP/1.1\r\nHost: gateway.example\r\nOrigin: https://evil.example\r\n"
                    + bearer(key) + "\r\n\r\n");
            assertThat(wire.readResponse())
                    .startsWith("HTTP/1.1 200 ")
                    .doesNotContainIgnoringCase("access-control-allow-origin");
        }
    }

    private String limited(@Nullable Integer rpm, @Nullable Integer streams) {
        return keys.create(
                new KeyStore.Wanted("limited", null, null, new Allowance(List.of(), rpm, null, streams, null), null),
                now());
    }

    @Test
    void aKeyMayAskSoOftenAMinuteAndIsToldHowItStands() throws Exception {
        String key = limited(3, null);
        try (Gateway gateway = gateway("listen: {port: 0}\n")) {
            for (int left = 2; left >= 0; left--) {
                try (EventClient client = ask(gateway, "tokens-1", bearer(key))) {
                    assertThat(client.status()).isEqualTo(200);
                    assertThat(client.header("x-ratelimit-limit-requests")).isEqualTo("3");
                    assertThat(client.header("x-ratelimit-remaining-requests")).isEqualTo(String.valueOf(left));
                    assertThat(client.header("x-ratelimit-reset-requests")).matches("\\d+\\.\\ds");
                    client.rest();
                }
            }
            try (EventClient client = ask(gateway, "tokens-1", bearer(key))) {
                assertThat(client.status()).isEqualTo(429);
                assertThat(Integer.parseInt(client.header("Retry-After"))).isBetween(1, 20);
                assertThat(client.header("x-ratelimit-remaining-requests")).isEqualTo("0");
                assertThat(client.body()).contains("\"code\":\"rate_limited\"", "\"type\":\"rate_limit_error\"");
            }
            assertThat(status(gateway, "GET", "/v1/models", bearer(key)))
                    .as("only answers are counted")
                    .isEqualTo(200);
        }
        assertThat(simulator.exchanges()).hasSize(3);
    }

    /// Whatever happens to a stream, its place is free again.
    @Test
    void aKeyMayHaveSoManyStreamsAtOnce() throws Exception {
        String key = limited(null, 2);
        simulator.script("fails", Script.of(Steps.json(400, "{}")));
        try (Gateway gateway = gateway("listen: {port: 0}\n")) {
            for (int round = 0; round < 5; round++) {
                try (EventClient one = ask(gateway, "stalls", bearer(key));
                        EventClient two = ask(gateway, "stalls", bearer(key))) {
                    one.next();
                    two.next();
                    try (EventClient three = ask(gateway, "tokens-1", bearer(key))) {
                        assertThat(three.status()).isEqualTo(429);
                        assertThat(three.header("Retry-After")).isEqualTo("1");
                    }
                }
                // The clients have left; and what fails, or is done, keeps no place either.
                long end = System.nanoTime() + LIMIT.toNanos();
                for (int status = 429; status == 429; ) {
                    assertThat(System.nanoTime()).isLessThan(end);
                    try (EventClient again = ask(gateway, "fails", bearer(key))) {
                        status = again.status();
                        assertThat(status).isIn(400, 429);
                    }
                }
                try (EventClient done = ask(gateway, "tokens-1", bearer(key))) {
                    if (done.status() == 200) done.rest();
                }
            }
        }
    }

    @Test
    void theUsualLimitOfStreamsIsOfKeysOnly() throws Exception {
        String yaml = "listen: {port: 0}\nlimits: {streams_per_key: 1}\n";
        try (Gateway gateway = gateway(yaml);
                EventClient one = ask(gateway, "stalls");
                EventClient two = ask(gateway, "stalls")) {
            assertThat(one.status()).isEqualTo(200);
            assertThat(two.status()).isEqualTo(200);
        }
        String key = limited(null, null);
        try (Gateway gateway = gateway(yaml);
                EventClient one = ask(gateway, "stalls", bearer(key));
                EventClient two = ask(gateway, "stalls", bearer(key))) {
            assertThat(one.status()).isEqualTo(200);
            assertThat(two.status()).isEqualTo(429);
        }
    }
}
