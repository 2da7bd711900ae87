package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.config.Config;
import dev.freshet.gateway.config.ConfigFile;
import dev.freshet.gateway.config.Environment;
import dev.freshet.gateway.model.Abort;
import dev.freshet.simulator.Simulator;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `freshet probe-abort` before providers that stop, that go on, and that bill anyway.
class ProbeAbortWireTest {
    @TempDir
    Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int probe(String baseUri, String... arguments) throws IOException {
        Path file = Files.writeString(folder.resolve("freshet.yaml"), """
                providers: {up: {base_url: "%s"}}
                models: {m: {targets: [{provider: up, model: abort-stops}]}}
                """.formatted(baseUri));
        String[] all = new String[arguments.length + 3];
        all[0] = "probe-abort";
        all[1] = "-c";
        all[2] = file.toString();
        System.arraycopy(arguments, 0, all, 3, arguments.length);
        return Main.run(all, new PrintWriter(out, true), new PrintWriter(err, true));
    }

    @ParameterizedTest
    @CsvSource({
        "abort-stops,   stops,   stops,   VERIFIED",
        "abort-goes-on, goes on, goes on, NONE",
        "abort-bills,   stops,   goes on, NONE"
    })
    void whatWasMeasuredIsWrittenForTheConfiguration(String model, String generation, String billing, Abort abort)
            throws IOException {
        try (Simulator simulator = Simulator.builder().start()) {
            assertThat(probe(simulator.baseUri().toString(), "--model", model, "up"))
                    .as("%s", err)
                    .isZero();
        }
        assertThat(out.toString()).contains("generation: " + generation + " (", "billing: " + billing + " (");
        String yaml = out.toString().substring(out.toString().indexOf("providers:"));
        String whole = yaml.stripTrailing() + "\n    base_url: https://stranger.example/v1\n";
        Config config = ConfigFile.parse(whole, "finding.yaml", new Environment(Map.of()));
        assertThat(Objects.requireNonNull(config.providers().get("up")).abort()).isEqualTo(abort);
    }

    @Test
    void whereNothingIsShownItSaysWhatToDo() throws IOException {
        try (Simulator simulator = Simulator.builder().start()) {
            String elsewhere = simulator.baseUri().toString().replace("/v1", "/other/v1");
            assertThat(probe(elsewhere, "up")).isEqualTo(1);
            assertThat(err.toString())
                    .contains("shows neither what it generates")
                    .contains("by hand");
        }
    }

    @Test
    void anAnswerThatIsTooShortSaysNothing() throws IOException {
        try (Simulator simulator = Simulator.builder().start()) {
            assertThat(probe(simulator.baseUri().toString(), "--model", "tokens-5", "up"))
                    .isEqualTo(1);
            assertThat(err.toString()).contains("too short").contains("--model");
        }
    }

    @Test
    void anUnknownProviderIsWrongUsage() throws IOException {
        assertThat(probe("http://127.0.0.1:1/v1", "who")).isEqualTo(2);
        assertThat(err.toString()).contains("there is no provider `who`").contains("up");
    }
}
