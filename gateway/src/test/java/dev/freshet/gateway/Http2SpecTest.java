package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// h2spec, strict: 146 cases of RFC 7540, RFC 7541 and of what both take for granted.
@Tag("program")
class Http2SpecTest {
    @TempDir
    Path folder;

    @Test
    void everyCaseOfH2specHolds() throws Exception {
        Path program = unpacked();
        String yaml = """
                listen: {port: 0, %s}
                data: "%s"
                access: open
                """.formatted(Tls.yaml(folder, "localhost"), folder.resolve("data"));
        try (Gateway gateway = Gateways.withOwners(yaml)) {
            String port = String.valueOf(gateway.address().getPort());
            // A GET that takes no body, so that each case has its answer.
            String said = run(
                    program.toString(),
                    "-S",
                    "-t",
                    "-k",
                    "-h",
                    "localhost",
                    "-p",
                    port,
                    "-P",
                    "/health/live",
                    "-o",
                    "5");
            assertThat(said).contains("146 tests, 146 passed, 0 skipped, 0 failed");
        }
    }

    private Path unpacked() throws Exception {
        String system = System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("mac") ? "darwin" : "linux";
        String name = "/h2spec/2.2.0/h2spec_" + system + "_amd64.tar.gz";
        Path packed = folder.resolve("h2spec.tar.gz");
        try (InputStream in = Objects.requireNonNull(Http2SpecTest.class.getResourceAsStream(name), name)) {
            Files.copy(in, packed);
        }
        run("tar", "xzf", packed.toString(), "-C", folder.toString());
        return folder.resolve("h2spec");
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return said;
    }
}
