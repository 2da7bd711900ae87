package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The same requests through proxies that refuse the canary where they see it: if the gateway answers it nevertheless,
/// it read something otherwise than they. They keep their connections to the gateway, so that what is left over from
/// one request would stand before the next client's.
@Tag("program")
class StrictRequestsBehindProxiesWireTest {
    private static final int SILENCE_MILLIS = 3_000;
    private static final int AT_ONCE = 16;
    private static final int GOOD_ONES = 30;

    /// nginx that passes headers and bodies on as they come.
    private static final String NGINX = """
            daemon off; pid nginx.pid; error_log stderr crit;
            events {}
            http {
                access_log off; ignore_invalid_headers off; underscores_in_headers on; merge_slashes off;
                client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
                uwsgi_temp_path uwsgi; scgi_temp_path scgi;
                upstream gateway { server 127.0.0.1:%2$d; keepalive 32; }
                server {
                    listen 127.0.0.1:%1$d; client_header_timeout 1s; client_body_timeout 1s;
                    location / {
                        if ($args ~ canary) { return 403; }
                        proxy_pass http://gateway; proxy_http_version 1.1; proxy_request_buffering off;
                        proxy_set_header Connection ""; proxy_set_header Host $http_host;
                    }
                }
            }
            """;

    private static final String HAPROXY = """
            global
                nbthread 1
            defaults
                mode http
                timeout connect 2s
                timeout client 2s
                timeout server 10s
                timeout http-request 1s
                option http-keep-alive
                http-reuse always
            frontend front
                bind 127.0.0.1:%1$d
                http-request deny deny_status 403 if { query -m sub canary }
                default_backend back
            backend back
                server gateway 127.0.0.1:%2$d
            """;

    /// HAProxy told to pass on much of what it would refuse.
    private static final String LAX =
            HAPROXY.replace("default_backend", "option accept-invalid-http-request\n    default_backend");

    @TempDir
    Path folder;

    @Test
    void nginxReadsThemAsTheGatewayDoes() throws Exception {
        String configuration =
                Files.writeString(folder.resolve("nginx.conf"), "").toString();
        through("nginx", NGINX, configuration, "nginx", "-p", folder.toString(), "-c", configuration);
    }

    @Test
    void haproxyReadsThemAsTheGatewayDoes() throws Exception {
        String configuration = folder.resolve("haproxy.cfg").toString();
        through("haproxy", HAPROXY, configuration, "haproxy", "-db", "-f", configuration);
    }

    @Test
    void haproxyThatPassesMuchOnReadsThemAsTheGatewayDoes() throws Exception {
        String configuration = folder.resolve("lax.cfg").toString();
        through("lax", LAX, configuration, "haproxy", "-db", "-f", configuration);
    }

    private void through(String name, String template, String file, String... command) throws Exception {
        int port = freePort();
        command[0] = Program.onPath(command[0]);
        try (Canaries canaries = new Canaries()) {
            Files.writeString(Path.of(file), template.formatted(port, canaries.port()));
            try (Program _ = Program.start(command)) {
                awaitListening(port);
                refusesTheCanaryThatItSees(canaries, port);
                Map<RequestCase, String> answers = answers(canaries, port, RequestCase.all(name));
                answers.forEach(StrictRequestsBehindProxiesWireTest::hasItsOwnAnswersOnly);
                assertThat(canaries.asked())
                        .filteredOn(model -> model.startsWith("canary-"))
                        .isEmpty();
                goodOnesKeepTheirAnswers(canaries, port);
                long decided = answers.values().stream()
                        .filter(answer -> answer.contains("\"code\":\"invalid_request\""))
                        .count();
                System.out.printf(
                        "%s passed on %d of %d requests that the gateway then refused%n",
                        name, decided, answers.size());
            }
        }
    }

    /// Else the rest would show nothing.
    private static void refusesTheCanaryThatItSees(Canaries canaries, int port) throws IOException {
        canaries.knows("canary");
        String seen = RequestCase.post("canary", "?canary", "Connection: close\r\n");
        assertThat(Canaries.exchange(port, seen, SILENCE_MILLIS)).startsWith("HTTP/1.1 403 ");
        String hidden = RequestCase.post("canary", "", "Connection: close\r\n");
        assertThat(Canaries.said(Canaries.exchange(port, hidden, SILENCE_MILLIS)))
                .containsExactly("canary");
        assertThat(canaries.asked()).containsExactly("canary");
    }

    private static Map<RequestCase, String> answers(Canaries canaries, int port, List<RequestCase> cases)
            throws Exception {
        Map<RequestCase, Future<String>> coming = new LinkedHashMap<>();
        Map<RequestCase, String> answers = new LinkedHashMap<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
            for (RequestCase one : cases) {
                canaries.knows(one);
                coming.put(one, threads.submit(() -> Canaries.exchange(port, one.between(), SILENCE_MILLIS)));
            }
            for (Map.Entry<RequestCase, Future<String>> one : coming.entrySet())
                answers.put(one.getKey(), one.getValue().get());
        }
        return answers;
    }

    /// The good request in front has its answer first, and no answer is another client's. What the gateway refuses a
    /// proxy may have put right.
    private static void hasItsOwnAnswersOnly(RequestCase one, String answer) {
        List<String> may = Stream.of("before", "one", "after")
                .map(model -> model + one.suffix())
                .toList();
        List<String> said = Canaries.said(answer);
        assertThat(said).as("%s: %s", one, answer).startsWith(may.getFirst());
        assertThat(may).as("%s: %s", one, answer).containsSubsequence(said);
        // Nobody waits for what does not come; but a chunk of 4 GB is a legal one to HAProxy, and not all of it is
        // there.
        if (!one.name().contains("2^32"))
            assertThat(answer).as("%s", one).doesNotContain(Canaries.BROKEN + "Read timed out");
    }

    private static void goodOnesKeepTheirAnswers(Canaries canaries, int port) throws IOException {
        for (int i = 0; i < GOOD_ONES; i++) {
            canaries.knows("good-" + i);
            String good = RequestCase.post("good-" + i, "", "Connection: close\r\n");
            assertThat(Canaries.said(Canaries.exchange(port, good, SILENCE_MILLIS)))
                    .containsExactly("good-" + i);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void awaitListening(int port) throws InterruptedException {
        for (int i = 0; i < 500; i++) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
                return;
            } catch (IOException e) {
                Thread.sleep(20);
            }
        }
        throw new AssertionError("the proxy does not listen");
    }
}
