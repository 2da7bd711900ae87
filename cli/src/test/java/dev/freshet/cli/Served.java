package dev.freshet.cli;

import dev.freshet.gateway.Gateway;
import dev.freshet.gateway.config.Config;
import dev.freshet.gateway.config.ConfigFile;
import dev.freshet.gateway.config.Environment;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What `freshet serve` runs without a provider, on free ports, for a test.
final class Served implements AutoCloseable {
    /// The words of the gated answer; the gate before each but the first has its name.
    static final List<String> WORDS = List.of("one", "two", "three");

    final Simulator simulator;
    final Gateway gateway;

    Served() throws IOException {
        this("");
    }

    /// @param more of the configuration
    Served(String more) throws IOException {
        this("{port: 0}", more);
    }

    /// @param listen where, and for whom
    /// @param more of the configuration
    Served(String listen, String more) throws IOException {
        simulator = Simulator.builder().recording(true).start();
        Config config = ConfigFile.parse("listen: " + listen + "\n" + more, "test", new Environment(Map.of()));
        gateway = Gateway.start(config, SimulatedProvider.of(simulator, true));
    }

    /// The gateway's address, without a path.
    String url() {
        return "http://127.0.0.1:" + gateway.address().getPort();
    }

    /// Makes a model that says one word, and each next one only when its gate is opened: so a client that shows
    /// a word has got it by itself.
    void gatedModel(String name) {
        List<Object> steps = new ArrayList<>(List.of(Steps.head(), Steps.role(), Steps.text(WORDS.getFirst())));
        for (String word : WORDS.subList(1, WORDS.size()))
            steps.addAll(List.of(Steps.gate(name + word), Steps.text(word)));
        steps.addAll(List.of(Steps.finish("stop"), Steps.done(), Steps.lastChunk()));
        simulator.script(name, Script.of(steps.toArray()));
    }

    void open(String model, String word) {
        simulator.open(model + word);
    }

    @Override
    public void close() {
        gateway.close();
        simulator.close();
    }
}
