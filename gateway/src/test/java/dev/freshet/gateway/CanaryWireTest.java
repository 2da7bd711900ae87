package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.freshet.gateway.access.KeyStore;
import dev.freshet.gateway.config.ConfigFile;
import dev.freshet.gateway.config.Environment;
import dev.freshet.gateway.model.Allowance;
import dev.freshet.simulator.Fault;
import dev.freshet.simulator.Simulator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/// Keys and prompts that would be recognised, through every fault that providers cause, with every log on:
/// they turn up nowhere.
class CanaryWireTest {
    private static final String PROVIDERS_KEY = "sk-canary-of-the-provider-4711";
    private static final String PROMPT = "canary-of-the-prompt-0815";

    @TempDir
    Path folder;

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);

    @BeforeEach
    void listen() {
        root.setLevel(Level.DEBUG);
        log.start();
        root.addAppender(log);
    }

    @AfterEach
    void stop() {
        root.detachAppender(log);
        root.setLevel(Level.WARN);
    }

    private static String body(String model) {
        return "{\"model\":\"" + model + "\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"" + PROMPT
                + "\"}]}";
    }

    private List<String> secrets(String key) {
        return List.of(PROVIDERS_KEY, PROMPT, key, key.substring(key.lastIndexOf('_') + 1));
    }

    @Test
    void keysAndPromptsAreInNoLogNoErrorNoMetricAndNoLedger() throws Exception {
        String key = new KeyStore(folder)
                .create(new KeyStore.Wanted("canary", null, null, Allowance.ALL, null), 1_700_000_000);
        StringBuilder shown = new StringBuilder();
        int streams;
        try (Simulator simulator = Simulator.builder()
                        .recording(true)
                        .requireKey(PROVIDERS_KEY)
                        .faultAddresses(true)
                        .start();
                Gateway gateway = gateway(simulator)) {
            List<String> models = new ArrayList<>(Simulator.faults().stream()
                    .map(Fault::name)
                    .filter(name -> !name.equals("fault-38"))
                    .toList());
            simulator.addresses().forEach(address -> models.add("at-" + address.name()));
            models.add("rejected");
            streams = models.size();
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Future<String>> all = new ArrayList<>();
                for (String model : models) all.add(threads.submit(() -> seen(gateway, model, key)));
                for (Future<String> one : all) shown.append(one.get()).append('\n');
            }
            Eventually.is(() -> LedgerRows.all(folder).size() == models.size());
            try (EventClient metrics = EventClient.get(gateway.address(), "/metrics", "Authorization: Bearer " + key)) {
                shown.append(metrics.body());
            }
            try (EventClient usage = EventClient.get(gateway.address(), "/v1/usage", "Authorization: Bearer " + key)) {
                shown.append(usage.body());
            }
            assertThat(simulator.exchanges())
                    .as("the prompt did go to the provider")
                    .anyMatch(exchange -> exchange.body().contains(PROMPT));
        }
        assertThat(shown.toString()).doesNotContain(secrets(key));
        PatternLayout layout = new PatternLayout();
        layout.setContext(root.getLoggerContext());
        layout.setPattern("%level %logger %msg %kvp %mdc%n%ex");
        layout.start();
        String logged = Stream.of(log.list.toArray(ILoggingEvent[]::new))
                .map(layout::doLayout)
                .reduce("", String::concat);
        assertThat(logged).contains("exchange settled", "DEBUG");
        assertThat(logged).doesNotContain(secrets(key));
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file :
                    files.filter(file -> file.toString().contains(".db")).toList()) {
                String bytes = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
                assertThat(bytes).as("%s", file).doesNotContain(secrets(key));
            }
        }
        System.out.println(streams + " faults at debug level: " + log.list.size() + " lines, " + shown.length()
                + " bytes of answers and metrics, no key and no prompt in them");
    }

    /// What comes back: the head and the body.
    private static String seen(Gateway gateway, String model, String key) throws IOException {
        try (Wire wire = new Wire(gateway.address())) {
            return wire.post(body(model), "Connection: close\r\nAuthorization: Bearer " + key)
                    .readAllLatin();
        }
    }

    private Gateway gateway(Simulator simulator) throws IOException {
        StringBuilder providers = new StringBuilder();
        StringBuilder models = new StringBuilder();
        simulator.addresses().forEach(address -> {
            String name = "at-" + address.name();
            providers.append(
                    "  \"%s\": {base_url: \"%s\", api_key: \"%s\"}\n".formatted(name, address.base(), PROVIDERS_KEY));
            models.append("  \"%s\": {targets: [{provider: \"%s\"}], timeouts: {connect: 1s}}\n".formatted(name, name));
        });
        String yaml = """
                listen: {port: 0}
                data: "%s"
                providers:
                  up: {base_url: "%s", api_key: "%s"}
                  refused: {base_url: "%s", api_key: "%s"}
                %smodels:
                  "*": {targets: [{provider: up}], retry: {attempts: 2, base: 10ms, max: 1s}, timeouts: {first_token: 1s, idle: 1s}}
                  rejected: {targets: [{provider: refused}]}
                %sstreams: {max_event: 2MiB}
                """.formatted(
                        folder,
                        simulator.baseUri(),
                        PROVIDERS_KEY,
                        simulator.baseUri(),
                        PROVIDERS_KEY + "-not",
                        providers,
                        models);
        return Gateway.start(ConfigFile.parse(yaml, "freshet.yaml", new Environment(Map.of())), null);
    }
}
