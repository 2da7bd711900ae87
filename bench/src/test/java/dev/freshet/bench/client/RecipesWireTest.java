package dev.freshet.bench.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.client.ChatRequest;
import dev.freshet.client.FreshetClient;
import dev.freshet.gateway.Gateway;
import dev.freshet.gateway.config.Config;
import dev.freshet.gateway.config.ConfigFile;
import dev.freshet.gateway.config.Environment;
import dev.freshet.simulator.Exchange;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Steps;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The recipes of `docs/java-client.md` for other libraries, before a real gateway. That they stand there as
/// they are is seen by the client's tests.
class RecipesWireTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    private Simulator simulator;
    private Gateway gateway;
    private String address;

    @BeforeEach
    void start() throws IOException {
        simulator = Simulator.builder().recording(true).start();
        Script hanging = Script.of(Steps.head(), Steps.text("1 "), Steps.text("2 "), Steps.hang());
        simulator.script("held", hanging);
        simulator.script("patient", hanging);
        Config config = ConfigFile.parse("""
                listen: {port: 0}
                data: %s
                access: open
                providers: {up: {base_url: "%s"}}
                models:
                  patient: {targets: [{provider: up}], timeouts: {idle: 5m}}
                  "*": {targets: [{provider: up}], timeouts: {idle: 2s}}
                """.formatted(folder, simulator.baseUri()), "test", new Environment(Map.of()));
        gateway = Gateway.start(config, null);
        gateway.ready();
        address = "http://127.0.0.1:" + gateway.address().getPort();
    }

    @AfterEach
    void stop() {
        gateway.close();
        simulator.close();
    }

    @Test
    void langChain4jStreamsThroughTheGateway() throws Exception {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
        String whole =
                Recipes.langChain(address + "/v1", "sk-any", "tokens-20", out).get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        assertThat(whole).startsWith("1 2 3 ").endsWith("20 ");
        assertThat(printed.toString(StandardCharsets.UTF_8)).isEqualTo(whole);
    }

    @Test
    void springAiStreamsThroughTheGateway() {
        List<String> pieces =
                Recipes.springAi(address, "sk-any", "tokens-20").collectList().block(LIMIT);
        assertThat(pieces).isNotNull().hasSizeGreaterThanOrEqualTo(20);
        assertThat(String.join("", pieces)).startsWith("1 2 3 ").endsWith("20 ");
    }

    /// Spring AI leaves its connection open, so it is the gateway's limit that ends the provider's work.
    @Test
    void whoLeavesSpringAisFluxIsEndedByTheGatewaysIdleLimit() throws Exception {
        assertThat(Recipes.springAi(address, "sk-any", "held").blockFirst(LIMIT))
                .isEqualTo("1 ");
        providerIsLeft("Spring AI's");
    }

    /// Nothing else than the cancelled flux could end this one: its limit is longer than the test's.
    @Test
    void whoLeavesOurFluxStopsTheProvider() throws Exception {
        try (FreshetClient client = FreshetClient.of(address + "/v1", "sk-any")) {
            assertThat(Recipes.flux(client, ChatRequest.of("patient", "count")).blockFirst(LIMIT))
                    .isEqualTo("1 ");
            providerIsLeft("our");
        }
    }

    private void providerIsLeft(String whose) throws InterruptedException {
        long began = System.nanoTime();
        Exchange exchange = simulator.awaitExchange(0, LIMIT);
        exchange.await(Exchange.State.CANCELLED, LIMIT);
        System.out.printf(
                "%s flux is left: the provider knows after %d ms%n",
                whose, (exchange.endedNanos() - began) / 1_000_000);
    }
}
