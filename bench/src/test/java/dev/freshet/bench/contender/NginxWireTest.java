package dev.freshet.bench.contender;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.bench.load.Demand;
import dev.freshet.bench.load.LoadClient;
import dev.freshet.bench.load.LoadLoop;
import dev.freshet.bench.load.Pace;
import dev.freshet.bench.load.Upstream;
import dev.freshet.bench.load.Window;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Tag("program")
@Timeout(60)
class NginxWireTest {
    private static final int STREAMS = 50;

    @Test
    void tokensComeThroughItOneByOneAndWhatItUsesIsRead(@TempDir Path folder) throws IOException {
        int core = Cores.allowed().getLast();
        try (LoadLoop loop = new LoadLoop();
                Upstream upstream = new Upstream(loop);
                Nginx nginx = Nginx.start(folder, new Cores(core, core, false), loop, upstream.port())) {
            upstream.pace(Pace.PACED, STREAMS);
            long before = nginx.cpuNanos().orElseThrow();
            try (LoadClient client = new LoadClient(loop, nginx.port(), STREAMS, Demand.steady(50), _ -> {})) {
                Window window = client.startWindow();
                loop.run(Duration.ofSeconds(20), () -> client.tally().streams() >= 2 * STREAMS);
                assertThat(client.tally().streams()).isGreaterThanOrEqualTo(2 * STREAMS);
                assertThat(client.tally().clean()).as(client.tally().toString()).isTrue();
                // Buffered, half of the tokens of a second would be half a second late.
                assertThat(window.delays().quantile(0.5)).isLessThan(100e6);
                double perToken = (double) (nginx.cpuNanos().orElseThrow() - before) / window.tokens();
                assertThat(perToken).isBetween(1e3, 1e6);
            }
            assertThat(nginx.footprint().resident()).isBetween(1L << 20, 200L << 20);
        }
    }
}
