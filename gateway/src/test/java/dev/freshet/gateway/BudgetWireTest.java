package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.access.KeyStore;
import dev.freshet.gateway.config.ConfigFile;
import dev.freshet.gateway.config.Environment;
import dev.freshet.gateway.model.Allowance;
import dev.freshet.gateway.model.Budget;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What keys and owners may spend, and take in a minute.
class BudgetWireTest {
    private static final JsonMapper JSON = new JsonMapper();
    /// Nano-dollars for each token, as the list below has them.
    private static final long IN = 100;
    private static final long OUT = 1_000_000;

    private static final String PRICES = """
            prices:
              - {provider: up, model: "*", input: 0.1usd, output: 1000usd}
              - {provider: unpriced, model: "*", from: 2100-01-01, input: 1usd, output: 1usd}
              - {provider: boundless, model: "*", input: 1usd, output: 1usd}
              - {provider: bound, model: "*", input: 1usd, output: 1usd, max_output: 1000}
            """;

    @TempDir
    Path folder;

    private Simulator simulator;
    private KeyStore keys;

    @BeforeEach
    void start() throws IOException {
        simulator = Simulator.builder()
                .recording(true)
                .script(
                        "held",
                        Script.of(
                                Steps.head(),
                                Steps.text("one"),
                                Steps.text(" two"),
                                Steps.text(" three"),
                                Steps.hang()))
                .script("silent", Script.of(Steps.hang()))
                .script("breaks", Script.of(Steps.head(), Steps.text("one"), Steps.close()))
                .script("refuses", Script.of(Steps.json(400, "{\"error\":{\"message\":\"no\"}}")))
                .start();
        Files.createDirectories(folder.resolve("data"));
        Files.writeString(folder.resolve("prices.yaml"), PRICES);
        keys = new KeyStore(folder.resolve("data"));
    }

    @AfterEach
    void stop() {
        simulator.close();
    }

    private String yaml(int port, String store) {
        return """
                listen: {port: %d}
                data: "%s"
                prices: "%s"
                streams: {store: %s}
                owners: {rich: {budget: 0.03usd/month}, busy: {rpm: 3}}
                providers:
                  up: {base_url: "%s"}
                  unpriced: {base_url: "%s"}
                  boundless: {base_url: "%s"}
                  bound: {base_url: "%s"}
                models:
                  "*": {targets: [{provider: up}], timeouts: {first_token: 1s, idle: 1m}, retry: {attempts: 1}}
                  half: {targets: [{provider: up, model: tokens-1}, {provider: unpriced}]}
                  boundless: {targets: [{provider: boundless, model: tokens-1}]}
                  bound: {targets: [{provider: bound, model: tokens-1}]}
                """.formatted(
                        port,
                        folder.resolve("data"),
                        folder.resolve("prices.yaml"),
                        store,
                        simulator.baseUri(),
                        simulator.baseUri(),
                        simulator.baseUri(),
                        simulator.baseUri());
    }

    private Gateway gateway() throws IOException {
        return Gateway.start(ConfigFile.parse(yaml(0, "memory"), "freshet.yaml", new Environment(Map.of())), null);
    }

    private static String body(String model, int maxTokens) {
        return ("{\"model\":\"%s\",\"stream\":true,\"max_tokens\":%d,\"messages\":[{\"role\":\"user\",\"content\":\"count"
                        + " for me\"}]}")
                .formatted(model, maxTokens);
    }

    private String key(@Nullable String owner, @Nullable Integer tpm, @Nullable Budget budget) {
        Allowance allowance = new Allowance(List.of(), null, tpm, 2_000, budget);
        return keys.create(new KeyStore.Wanted("k", owner, null, allowance, null), System.currentTimeMillis() / 1000);
    }

    private static Budget day(long nanoUsd) {
        return new Budget(nanoUsd, Budget.Period.DAY);
    }

    /// The most that a request of so many tokens can cost.
    private static long most(String body, int maxTokens) {
        return body.length() * IN + maxTokens * OUT;
    }

    private static EventClient ask(Gateway gateway, String key, String body) throws IOException {
        return EventClient.post(gateway.address(), body, "Authorization: Bearer " + key);
    }

    private static JsonNode usage(InetSocketAddress at, String key) throws IOException {
        try (EventClient client = EventClient.get(at, "/v1/usage", "Authorization: Bearer " + key)) {
            assertThat(client.status()).isEqualTo(200);
            return JSON.readTree(client.body());
        }
    }

    private static JsonNode error(EventClient client) throws IOException {
        return JSON.readTree(client.body()).get("error");
    }

    private static InetSocketAddress free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort());
        }
    }

    /// A thousand ask in the same moment with a budget for ten; then the gateway is killed in the middle,
    /// and what they had taken by then is what they are charged with.
    @ParameterizedTest
    @ValueSource(strings = {"memory", "disk"})
    void aThousandAtOneBarrierGetABudgetForTenAndAKillLosesNothingOfIt(String store) throws Exception {
        String body = body("held", 10);
        long budget = 10 * most(body, 10) + OUT / 2;
        String key = key(null, null, day(budget));
        InetSocketAddress at = free();
        Path config = Files.writeString(folder.resolve("freshet.yaml"), yaml(at.getPort(), store));
        try (GatewayProcess process = GatewayProcess.start(config)) {
            List<EventClient> admitted = storm(at, body, key);
            assertThat(admitted).hasSize(10);
            assertThat(simulator.exchanges()).hasSize(10);
            JsonNode standing = usage(at, key).at("/budgets/0");
            assertThat(standing.get("spent_nano_usd").asLong()).isZero();
            assertThat(standing.get("reserved_nano_usd").asLong()).isEqualTo(10 * most(body, 10));
            for (EventClient one : admitted) for (int i = 0; i < 3; i++) one.next();
            process.kill();
            for (EventClient one : admitted) one.close();
        }
        try (GatewayProcess process = GatewayProcess.start(config)) {
            Path data = folder.resolve("data");
            List<LedgerRows.Row> rows = LedgerRows.await(data, 10);
            assertThat(rows).hasSize(10).allSatisfy(row -> {
                assertThat(row.source()).isEqualTo("estimated");
                assertThat(row.outcome()).isEqualTo("stream_interrupted");
                assertThat(row.completion()).isEqualTo(store.equals("disk") ? 3 : 0);
                assertThat(row.prompt()).isPositive();
                assertThat(row.nanoUsd()).isEqualTo(row.prompt() * IN + row.completion() * OUT);
            });
            assertThat(LedgerRows.open(data)).isZero();
            long spent = rows.stream().mapToLong(LedgerRows.Row::nanoUsd).sum();
            JsonNode standing = usage(at, key).at("/budgets/0");
            assertThat(standing.get("spent_nano_usd").asLong()).isEqualTo(spent);
            assertThat(standing.get("reserved_nano_usd").asLong()).isZero();
            // What is left lets as many in as it can pay for.
            List<EventClient> again = storm(at, body, key);
            assertThat((long) again.size()).isEqualTo((budget - spent) / most(body, 10));
            for (EventClient one : again) one.close();
            process.kill();
        }
    }

    private static List<EventClient> storm(InetSocketAddress at, String body, String key) throws Exception {
        int count = 1_000;
        ConcurrentLinkedQueue<EventClient> admitted = new ConcurrentLinkedQueue<>();
        CyclicBarrier barrier = new CyclicBarrier(count);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                all.add(threads.submit(() -> {
                    barrier.await();
                    EventClient client = EventClient.post(at, body, "Authorization: Bearer " + key);
                    if (client.status() == 200) {
                        admitted.add(client);
                        return null;
                    }
                    assertThat(client.status()).isEqualTo(402);
                    assertThat(client.header("Retry-After")).isNotEmpty();
                    assertThat(error(client).get("code").asString()).isEqualTo("budget_exhausted");
                    client.close();
                    return null;
                }));
            }
            for (Future<?> one : all) one.get();
        }
        return List.copyOf(admitted);
    }

    @Test
    void whatWasNotUsedComesBackWithEachAnswer() throws Exception {
        String body = body("tokens-2", 1_000);
        String key = key(null, null, day(most(body, 1_000) + 100 * (7 * IN + 2 * OUT)));
        try (Gateway gateway = gateway()) {
            for (int i = 0; i < 20; i++) {
                try (EventClient client = ask(gateway, key, body)) {
                    assertThat(client.status()).isEqualTo(200);
                    client.rest();
                }
            }
            JsonNode usage = usage(gateway.address(), key);
            assertThat(usage.at("/total/requests").asInt()).isEqualTo(20);
            assertThat(usage.at("/total/completion_tokens").asInt()).isEqualTo(40);
            long prompt = usage.at("/total/prompt_tokens").asLong();
            long cost = usage.at("/total/cost/nano_usd").asLong();
            assertThat(cost).isEqualTo(prompt * IN + 40 * OUT);
            assertThat(usage.at("/budgets/0/spent_nano_usd").asLong()).isEqualTo(cost);
            assertThat(usage.at("/budgets/0/reserved_nano_usd").asLong()).isZero();
            assertThat(usage.at("/models/0/model").asString()).isEqualTo("tokens-2");
            try (EventClient metrics = EventClient.get(gateway.address(), "/metrics", "Authorization: Bearer " + key)) {
                assertThat(metrics.body())
                        .containsPattern("freshet_tokens_completion_total\\{[^}]*} 40\\.0")
                        .containsPattern("freshet_cost_usd_total\\{[^}]*} 0\\.04")
                        .contains("freshet_ledger_waiting");
            }
        }
    }

    /// Only one fits at a time, so one lease that is not given back would show.
    @Test
    void whateverHappensTheLeaseComesBack() throws Exception {
        String body = body("held", 10);
        String key = key(null, 1_000_000, day(most(body, 10) * 3 / 2));
        try (Gateway gateway = gateway()) {
            for (String model : List.of("silent", "breaks", "refuses", "held", "held-left", "held-stopped")) {
                String asked = body(model.replaceFirst("-.*", ""), 5);
                try (EventClient client = ask(gateway, key, asked)) {
                    if (model.equals("held-stopped")) {
                        EventClient.send(
                                        gateway.address(),
                                        "DELETE",
                                        "/v1/streams/" + client.stream(),
                                        "Authorization: Bearer " + key)
                                .close();
                        client.rest();
                    }
                    if (model.equals("held")) client.next();
                }
                Eventually.is(() -> usage(gateway.address(), key)
                                .at("/budgets/0/reserved_nano_usd")
                                .asLong()
                        == 0);
            }
            try (Wire wire = new Wire(gateway.address())) {
                wire.post(body("silent", 5), "Authorization: Bearer " + key).shutdownOutput(); // left before the head
            }
            Eventually.is(() -> LedgerRows.all(folder.resolve("data")).size() == 7);
            assertThat(usage(gateway.address(), key)
                            .at("/budgets/0/reserved_nano_usd")
                            .asLong())
                    .isZero();
            assertThat(LedgerRows.open(folder.resolve("data"))).isZero();
        }
    }

    @Test
    void aBudgetNeedsAPriceAndALimit() throws Exception {
        String rich = key(null, null, day(1_000_000_000_000L));
        String free = key(null, null, null);
        try (Gateway gateway = gateway()) {
            try (EventClient client = ask(gateway, rich, body("half", 5))) {
                assertThat(client.status()).isEqualTo(402);
                assertThat(error(client).get("message").asString()).contains("unpriced", "`prices`");
            }
            String unlimited = body("boundless", 5).replace("\"max_tokens\":5,", "");
            try (EventClient client = ask(gateway, rich, unlimited)) {
                assertThat(client.status()).isEqualTo(402);
                assertThat(error(client).get("param").asString()).isEqualTo("max_tokens");
            }
            for (String body : List.of(body("boundless", 5), unlimited.replace("boundless", "bound"))) {
                try (EventClient client = ask(gateway, rich, body)) {
                    assertThat(client.status()).isEqualTo(200);
                }
            }
            try (EventClient client = ask(gateway, free, body("half", 5))) {
                assertThat(client.status()).isEqualTo(200);
            }
        }
    }

    @Test
    void whatTheGatewayAsksItselfIsInNoLedger() throws Exception {
        String key = key(null, null, null);
        try (Gateway gateway = Gateway.listening(
                ConfigFile.parse(yaml(0, "memory"), "freshet.yaml", new Environment(Map.of())), null)) {
            try (EventClient client = ask(gateway, gateway.warmUpKey(), body("tokens-2", 5))) {
                assertThat(client.rest().getLast().data()).isEqualTo("[DONE]");
            }
            gateway.ready();
            try (EventClient client = ask(gateway, key, body("tokens-1", 5))) {
                client.rest();
            }
            LedgerRows.await(folder.resolve("data"), 1);
        }
        assertThat(LedgerRows.all(folder.resolve("data")).stream().map(LedgerRows.Row::model))
                .containsExactly("tokens-1");
    }

    @Test
    void whatCanNeverFitIsToldSoAndWhatIsSpentWaitsForTheNextDay() throws Exception {
        String body = body("tokens-3", 3);
        String key = key(null, null, day(most(body, 3)));
        try (Gateway gateway = gateway()) {
            try (EventClient client = ask(gateway, key, body("tokens-3", 4))) {
                assertThat(client.status()).isEqualTo(402);
                assertThat(client.header("Retry-After")).isEmpty();
                assertThat(error(client).get("message").asString()).contains("a day", "smaller max_tokens");
            }
            try (EventClient client = ask(gateway, key, body)) {
                assertThat(client.status()).isEqualTo(200);
                client.rest();
            }
            Eventually.is(() -> LedgerRows.all(folder.resolve("data")).size() == 1);
            long midnight = 86_400 - System.currentTimeMillis() / 1000 % 86_400;
            try (EventClient client = ask(gateway, key, body)) {
                assertThat(client.status()).isEqualTo(402);
                assertThat(Long.parseLong(String.valueOf(client.header("Retry-After"))))
                        .isBetween(Math.max(1, midnight - 60), midnight + 1);
            }
        }
    }

    @Test
    void allKeysOfAnOwnerSpendItsBudgetAndAnotherKeyDoesNotBringItBack() throws Exception {
        String body = body("tokens-2", 9);
        String first = key("rich", null, null);
        String second = key("rich", null, null);
        int done = 0;
        try (Gateway gateway = gateway()) {
            for (int i = 0; i < 40; i++) {
                try (EventClient client = ask(gateway, i % 2 == 0 ? first : second, body)) {
                    if (client.status() == 402) break;
                    done++;
                    client.rest();
                }
                int count = done;
                Eventually.is(() -> LedgerRows.all(folder.resolve("data")).size() == count);
            }
            // 30 thousandths: each takes two, and needs nine left
            assertThat(done).isEqualTo(11);
            JsonNode standing = usage(gateway.address(), second).at("/budgets/0");
            assertThat(standing.get("of").asString()).isEqualTo("owner");
            assertThat(standing.get("per").asString()).isEqualTo("month");
        }
        String third = key("rich", null, null);
        try (Gateway gateway = gateway();
                EventClient client = ask(gateway, third, body)) {
            assertThat(client.status()).isEqualTo(402);
        }
    }

    @Test
    void anOwnersKeysShareItsRate() throws Exception {
        List<String> some = List.of(key("busy", null, null), key("busy", null, null));
        try (Gateway gateway = gateway()) {
            for (int i = 0; i < 4; i++) {
                try (EventClient client = ask(gateway, some.get(i % 2), body("tokens-1", 1))) {
                    assertThat(client.status()).isEqualTo(i < 3 ? 200 : 429);
                    assertThat(client.header("x-ratelimit-limit-requests")).isEqualTo("3");
                }
            }
        }
    }

    @Test
    void tokensAMinuteAreTakenAtMostAndGivenBack() throws Exception {
        String key = key(null, 1_000, null);
        try (Gateway gateway = gateway()) {
            try (EventClient client = ask(gateway, key, body("tokens-5", 900))) {
                assertThat(client.status()).isEqualTo(200);
                assertThat(client.header("x-ratelimit-limit-tokens")).isEqualTo("1000");
                assertThat(Integer.parseInt(String.valueOf(client.header("x-ratelimit-remaining-tokens"))))
                        .isLessThan(100);
                client.rest();
            }
            Eventually.is(() -> LedgerRows.all(folder.resolve("data")).size() == 1);
            try (EventClient client = ask(gateway, key, body("held", 900))) {
                assertThat(client.status()).as("what was not used came back").isEqualTo(200);
                client.next();
                try (EventClient more = ask(gateway, key, body("tokens-5", 900))) {
                    assertThat(more.status()).isEqualTo(429);
                    assertThat(more.header("Retry-After")).isNotEmpty();
                    assertThat(more.header("x-ratelimit-reset-tokens")).isNotEmpty();
                    assertThat(error(more).get("message").asString()).contains("1000 tokens a minute");
                }
            }
            // More than a minute's worth is a minute's worth: it comes when nothing else runs.
            Eventually.is(() -> {
                try (EventClient client = ask(gateway, key, body("tokens-5", 90_000))) {
                    return client.status() == 200;
                }
            });
        }
    }

    @Test
    void aTokenOfMinutesMayHaveABudgetOfItsOwn() throws Exception {
        String key = key(null, null, null);
        String body = body("tokens-2", 2);
        try (Gateway gateway = gateway()) {
            String token;
            try (EventClient client = EventClient.send(
                    gateway.address(),
                    "POST",
                    "/v1/tokens",
                    "Authorization: Bearer " + key,
                    "Content-Type: application/json",
                    "Content-Length: 21\r\n\r\n{\"budget\":\"0.005usd\"}")) {
                assertThat(client.status()).isEqualTo(200);
                token = JSON.readTree(client.body()).get("token").asString();
            }
            int done = 0;
            for (; done < 9; done++) {
                try (EventClient client = ask(gateway, token, body)) {
                    if (client.status() == 402) {
                        assertThat(error(client).get("message").asString()).contains("This token may spend $0.005");
                        break;
                    }
                    client.rest();
                }
                int count = done + 1;
                Eventually.is(() -> LedgerRows.all(folder.resolve("data")).size() == count);
            }
            assertThat(done).isEqualTo(2);
            try (EventClient client = ask(gateway, key, body)) {
                assertThat(client.status()).isEqualTo(200);
            }
        }
    }
}
