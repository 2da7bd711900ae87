package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.Gateway;
import dev.freshet.gateway.config.Environment;
import dev.freshet.simulator.Simulator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A configuration that changes while the gateway runs.
class ConfigWatchWireTest {
    private static final int TRIES = 200;

    @TempDir
    Path folder;

    private String yaml(Simulator simulator, String model) {
        return "listen: {port: 0}\nproviders: {up: {base_url: \"" + simulator.baseUri() + "\"}}\n" + "models: {" + model
                + ": {targets: [{provider: up}]}}\n";
    }

    private static void awaitModels(Gateway gateway, String wanted) throws InterruptedException {
        for (int i = 0; i < TRIES && !gateway.models().contains(wanted); i++) Thread.sleep(50);
        assertThat(gateway.models()).contains(wanted);
    }

    @Test
    void aChangedFileIsUsedWholeOrNotAtAll() throws Exception {
        Path file = folder.resolve("freshet.yaml");
        try (Simulator simulator = Simulator.builder().start()) {
            Files.writeString(file, yaml(simulator, "before"));
            Settings settings = new Settings(file, null, null, List.of(), new Environment(Map.of()));
            try (Gateway gateway = Gateway.start(settings.config(), null)) {
                ConfigWatch.start(file, settings, gateway);
                awaitModels(gateway, "before");
                replace(file, yaml(simulator, "after-it"));
                awaitModels(gateway, "after-it");
                assertThat(gateway.models()).doesNotContain("before");
                // A wrong one changes nothing; a right one after it is taken.
                replace(file, yaml(simulator, "wrong") + "unknown: 1\n");
                replace(file, yaml(simulator, "right-again"));
                awaitModels(gateway, "right-again");
            }
        }
    }

    private static void replace(Path file, String yaml) throws IOException {
        Files.writeString(file, yaml);
    }
}
