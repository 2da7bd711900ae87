package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import dev.freshet.gateway.Gateway;
import dev.freshet.gateway.config.ConfigFile;
import dev.freshet.gateway.config.Environment;
import dev.freshet.simulator.Simulator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The browser's own EventSource, which reconnects by itself.
@Tag("program")
class EventSourceBrowserTest {
    private static final int TOKENS = 60;
    private static final String ASK = """
            async () => {
              const response = await fetch('/v1/chat/completions', {
                method: 'POST',
                headers: {'Content-Type': 'application/json', 'Freshet-Ids': '1', 'Freshet-Grace': '1m'},
                body: JSON.stringify({model: 'm', stream: true, messages: [{role: 'user', content: 'x'}]})
              });
              window.asked = response;
              return response.headers.get('Freshet-Stream');
            }
            """;
    private static final String FOLLOW = """
            async id => {
              const state = await (await fetch('/v1/streams/' + id)).json();
              window.text = '';
              window.ids = [];
              window.source = new EventSource('/v1/streams/' + id + '/events?token=' + state.token.value);
              source.onmessage = event => {
                ids.push(event.lastEventId);
                if (event.data === '[DONE]') window.done = true;
                else text += JSON.parse(event.data).choices?.[0]?.delta?.content ?? '';
              };
              source.addEventListener('end', event => { ids.push(event.lastEventId); window.end = JSON.parse(event.data); });
            }
            """;

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Test
    void itResumesAcrossARestartOfTheGatewayAndIsQuietAfterTheEnd(@TempDir Path data) throws IOException {
        int port = freePort();
        try (Simulator simulator = Simulator.builder().start();
                Chromium chromium = new Chromium()) {
            String yaml = """
                    listen: {port: %d}
                    data: %s
                    providers: {up: {base_url: "%s", prefill: {field: prefix}, usage: never}}
                    models: {m: {targets: [{provider: up, model: tokens-%d-at-20}], continue: prefill}}
                    streams: {store: disk}
                    limits: {drain: 0s}
                    """.formatted(port, data, simulator.baseUri(), TOKENS);
            Gateway gateway = start(yaml);
            try {
                Page first = chromium.page(600, 400);
                Page second = chromium.page(600, 400);
                for (Page page : List.of(first, second)) page.navigate("http://127.0.0.1:" + port + "/");
                List<Integer> statuses = new CopyOnWriteArrayList<>();
                first.onResponse(response -> {
                    if (response.url().contains("/events")) statuses.add(response.status());
                });
                String id = String.valueOf(first.evaluate(ASK));
                for (Page page : List.of(first, second)) page.evaluate(FOLLOW, id);
                first.waitForFunction("() => ids.length > 5");
                second.waitForFunction("() => ids.length > 5");

                gateway.close();
                gateway = start(yaml);

                String all =
                        IntStream.rangeClosed(1, TOKENS).mapToObj(i -> i + " ").collect(Collectors.joining());
                for (Page page : List.of(first, second)) {
                    page.waitForFunction("() => window.end");
                    assertThat(page.evaluate("() => text")).isEqualTo(all);
                    assertThat(page.evaluate("() => end.state")).isEqualTo("completed");
                    assertThat(page.evaluate("() => end.attempts.length")).isEqualTo(2);
                    assertThat(page.evaluate(
                                    "() => ids.map(id => Number(id.split('-')[1])).every((n, i) => n === i + 1)"))
                            .isEqualTo(true);
                    // It comes back once more, is told that there is nothing, and closes for good.
                    page.waitForFunction("() => source.readyState === EventSource.CLOSED");
                }
                assertThat(statuses)
                        .hasSizeGreaterThanOrEqualTo(3)
                        .startsWith(200)
                        .endsWith(200, 204);
            } finally {
                gateway.close();
            }
        }
    }

    private static Gateway start(String yaml) throws IOException {
        return Gateway.start(ConfigFile.parse(yaml, "test", new Environment(Map.of())), null);
    }
}
