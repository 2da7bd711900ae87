package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.config.Config;
import dev.freshet.gateway.config.ConfigFile;
import dev.freshet.gateway.config.Environment;
import dev.freshet.gateway.config.KnownProvider;
import dev.freshet.gateway.config.ZeroConfig;
import dev.freshet.gateway.model.Provider;
import dev.freshet.gateway.route.ModelRouter;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The gateway without a file: providers by their keys in the environment, models by what they list.
class ZeroConfigWireTest {
    private static final List<Provider> NO_LOCAL = List.of();

    private static Config config(Environment environment, List<KnownProvider> known) {
        Config config = ZeroConfig.of(environment, known, NO_LOCAL, _ -> false);
        return config.withListen(new Config.Listen("127.0.0.1", 0, List.of(), null, List.of()));
    }

    private static Script answer(String text) {
        return Script.of(Steps.head(), Steps.text(text), Steps.done(), Steps.lastChunk());
    }

    private static String asked(Gateway gateway, String model) throws IOException {
        try (Wire wire = new Wire(gateway.address())) {
            wire.post("{\"model\":\"" + model + "\",\"stream\":true,\"messages\":[]}");
            String head = wire.readUntil("\r\n\r\n");
            return head.startsWith("HTTP/1.1 200") ? wire.readUntil("\r\n0\r\n\r\n") : head;
        }
    }

    @Test
    void modelsAreFoundUnderTheirProviderAndUnderTheirBareName() throws IOException {
        try (Simulator first = Simulator.builder()
                        .requireKey("sk-1")
                        .script("shared", answer("first"))
                        .start();
                Simulator second = Simulator.builder()
                        .requireKey("sk-2")
                        .script("shared", answer("second"))
                        .script("special", answer("special"))
                        .start()) {
            List<KnownProvider> known = List.of(
                    new KnownProvider("one", "ONE_API_KEY", first.baseUri().toString()),
                    new KnownProvider("two", "TWO_API_KEY", second.baseUri().toString()),
                    new KnownProvider("three", "THREE_API_KEY", "http://127.0.0.1:9/v1"));
            Environment environment =
                    new Environment(Map.of("ONE_API_KEY", "sk-1", "TWO_API_KEY", "sk-2", "THREE_API_KEY", " "));
            try (Gateway gateway = Gateway.start(config(environment, known), null)) {
                assertThat(asked(gateway, "shared")).contains("\"content\":\"first\"");
                assertThat(asked(gateway, "special")).contains("\"content\":\"special\"");
                assertThat(asked(gateway, "two/shared")).contains("\"content\":\"second\"");
                assertThat(asked(gateway, "nobody")).startsWith("HTTP/1.1 404 ");
                assertThat(asked(gateway, "three/x")).startsWith("HTTP/1.1 404 ");
                assertThat(gateway.models()).contains("one/shared", "two/special");
            }
        }
    }

    @Test
    void aProviderThatDoesNotListItsModelsServesThemByItsName() throws IOException {
        try (Simulator up = Simulator.builder()
                .requireKey("sk-other")
                .script("m", answer("a"))
                .start()) {
            List<KnownProvider> known =
                    List.of(new KnownProvider("one", "KEY", up.baseUri().toString()));
            try (Gateway gateway = Gateway.start(config(new Environment(Map.of("KEY", "sk-wrong")), known), null)) {
                assertThat(asked(gateway, "m")).startsWith("HTTP/1.1 404 ");
                assertThat(asked(gateway, "one/m")).startsWith("HTTP/1.1 502 ");
            }
        }
    }

    @Test
    void aFileCanUseTheSimulatedProvider() throws IOException {
        String yaml = """
                listen: {port: 0}
                providers: {sim: {dialect: simulated}}
                models:
                  three: {targets: [{provider: sim, model: tokens-3}], continue: prefill}
                  blind: {targets: [{provider: sim, model: tokens-3}], takes: [text]}
                  seeing: {targets: [{provider: sim, model: tokens-3}], takes: [image, file]}
                """;
        try (Simulator simulator = Simulator.builder().start();
                Gateway gateway = Gateway.start(
                        ConfigFile.parse(yaml, "freshet.yaml", new Environment(Map.of())),
                        new ModelRouter.Simulated(
                                new Provider("simulated", simulator.baseUri(), new Provider.Auth.None(), Map.of()),
                                simulator::serves,
                                List.of("demo"),
                                false))) {
            assertThat(asked(gateway, "three")).contains("\"content\":\"3 \"");
            theListSaysWhatModelsReadWhereThatIsKnown(gateway);
        }
    }

    private static void theListSaysWhatModelsReadWhereThatIsKnown(Gateway gateway) throws IOException {
        try (Wire wire = new Wire(gateway.address())) {
            wire.send("GET /v1/models HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertThat(wire.readResponse())
                    .contains(
                            "\"id\":\"blind\",\"object\":\"model\",\"created\":0,\"owned_by\":\"freshet\",\"architecture\":{\"input_modalities\":[\"text\"]}")
                    .contains("\"input_modalities\":[\"text\",\"image\",\"file\"]")
                    .contains("\"id\":\"three\",\"object\":\"model\",\"created\":0,\"owned_by\":\"freshet\"}");
        }
    }

    @Test
    void aModelServerOfThisMachineIsTakenWhereItAnswers() {
        Provider local =
                new Provider("ollama", URI.create("http://127.0.0.1:11434/v1"), new Provider.Auth.None(), Map.of());
        Environment none = new Environment(Map.of());
        assertThat(ZeroConfig.of(none, List.of(), List.of(local), _ -> true).providers())
                .containsOnlyKeys("ollama");
        Config without = ZeroConfig.of(none, List.of(), List.of(local), _ -> false);
        assertThat(without.providers()).isEmpty();
        assertThat(without.demoAnswersAll()).isTrue();
    }

    @Test
    void keysAreFoundInADotEnvFileBelowTheEnvironment(@TempDir Path folder) throws IOException {
        Files.writeString(folder.resolve(".env"), "# keys\nexport A_KEY='sk-file'\nB_KEY=sk-b # mine\n\n");
        Environment environment = Environment.of(Map.of("A_KEY", "sk-process"), folder);
        assertThat(environment.get("A_KEY")).hasValue("sk-process");
        assertThat(environment.get("B_KEY")).hasValue("sk-b");
        assertThat(Environment.of(Map.of(), folder).get("A_KEY")).hasValue("sk-file");
    }

    @Test
    void theKnownProvidersAreThoseOfTheContractInItsOrder() {
        assertThat(KnownProvider.ALL.stream().map(KnownProvider::variable))
                .containsExactly(
                        "DEEPSEEK_API_KEY",
                        "OPENAI_API_KEY",
                        "ANTHROPIC_API_KEY",
                        "GEMINI_API_KEY",
                        "OPENROUTER_API_KEY",
                        "GROQ_API_KEY",
                        "MISTRAL_API_KEY",
                        "XAI_API_KEY",
                        "TOGETHER_API_KEY",
                        "AIWAVE_API_KEY");
    }
}
