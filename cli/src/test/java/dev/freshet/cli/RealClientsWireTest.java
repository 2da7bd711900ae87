package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.StreamResponse;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Clients that people use, against the gateway. Each must show a word before the model goes on to the next
/// one, so an answer that was held back anywhere hangs, and the test fails.
@Tag("program")
class RealClientsWireTest {
    private static Served served;

    @BeforeAll
    static void start() throws IOException {
        served = new Served();
    }

    @AfterAll
    static void stop() {
        served.close();
    }

    private static String clientFile(String name) {
        return Program.root().resolve("cli/src/test/clients").resolve(name).toString();
    }

    /// Follows a program that prints the words of a gated model, one a line.
    private static void seesEachWordWhenItIsSaid(Program program, String model) throws InterruptedException {
        for (String word : Served.WORDS) {
            if (!word.equals(Served.WORDS.getFirst())) served.open(model, word);
            program.line(line -> line.contains(word));
        }
    }

    @Test
    void theOfficialPythonClient() throws Exception {
        served.gatedModel("gated-python");
        try (Program program =
                Program.start(Program.python(), clientFile("openai_stream.py"), served.url(), "gated-python")) {
            seesEachWordWhenItIsSaid(program, "gated-python");
            assertThat(program.end()).contains("finished: stop", "whole: 1 2 3", "models: demo");
        }
    }

    @Test
    void theOfficialNodeClient() throws Exception {
        served.gatedModel("gated-node");
        try (Program program = Program.start(
                Program.onPath("node"),
                clientFile("openai-stream.mjs"),
                Program.nodeModules(),
                served.url(),
                "gated-node")) {
            seesEachWordWhenItIsSaid(program, "gated-node");
            assertThat(program.end()).contains("finished: stop", "whole: 1 2 3");
        }
    }

    @Test
    void theOfficialJavaClient() {
        served.gatedModel("gated-java");
        OpenAIClient client = OpenAIOkHttpClient.builder()
                .baseUrl(served.url() + "/v1")
                .apiKey("sk-any")
                .maxRetries(0)
                .build();
        ChatCompletionCreateParams params = ChatCompletionCreateParams.builder()
                .model("gated-java")
                .addUserMessage("x")
                .build();
        List<String> words = new ArrayList<>();
        try (StreamResponse<ChatCompletionChunk> answer =
                        client.chat().completions().createStreaming(params);
                Stream<ChatCompletionChunk> chunks = answer.stream()) {
            Iterator<String> content = chunks.flatMap(chunk -> chunk.choices().stream())
                    .flatMap(choice -> choice.delta().content().stream())
                    .filter(text -> !text.isEmpty())
                    .iterator();
            for (String word : Served.WORDS) {
                if (!word.equals(Served.WORDS.getFirst())) served.open("gated-java", word);
                words.add(content.next());
            }
            assertThat(content.hasNext()).isFalse();
        }
        assertThat(words).isEqualTo(Served.WORDS);
        client.close();
    }

    @Test
    void httpxReadingLines() throws Exception {
        served.gatedModel("gated-httpx");
        try (Program program =
                Program.start(Program.python(), clientFile("httpx_lines.py"), served.url(), "gated-httpx")) {
            seesEachWordWhenItIsSaid(program, "gated-httpx");
            assertThat(program.end()).endsWith("data: [DONE]\n\n");
        }
    }

    @Test
    void theExampleInPythonWithAModelsNameAndKeyThatAnyoneWouldWrite() throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                Program.python(), Program.root().resolve("examples/stream.py").toString());
        builder.environment().put("FRESHET_URL", served.url());
        Process process = builder.redirectErrorStream(true).start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(printed).isZero();
        assertThat(printed).contains("No provider is configured for", "deepseek-chat", "Hello!");
    }

    private static Program curl(String url, String model) throws IOException {
        return Program.start(
                Program.onPath("curl"),
                "-sSN",
                "--max-time",
                "60",
                url + "/v1/chat/completions",
                "-H",
                "Content-Type: application/json",
                "-d",
                "{\"model\":\"" + model + "\",\"stream\":true,\"messages\":[]}");
    }

    @Test
    void curl() throws Exception {
        served.gatedModel("gated-curl");
        try (Program program = curl(served.url(), "gated-curl")) {
            seesEachWordWhenItIsSaid(program, "gated-curl");
            assertThat(program.end()).endsWith("data: [DONE]\n\n");
        }
    }

    /// nginx as Debian ships it buffers what it passes on, and speaks HTTP/1.0 to what is behind it.
    @Test
    void throughNginxInItsDefaultBufferingConfiguration(@TempDir Path folder) throws Exception {
        int port = freePort();
        Path configuration = folder.resolve("nginx.conf");
        Files.writeString(configuration, """
                daemon off; pid nginx.pid; error_log stderr;
                events {}
                http {
                    access_log off;
                    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
                    uwsgi_temp_path uwsgi; scgi_temp_path scgi;
                    server { listen 127.0.0.1:%d; location / { proxy_pass %s; } }
                }
                """.formatted(port, served.url()));
        served.gatedModel("gated-nginx");
        try (Program _ =
                Program.start(Program.onPath("nginx"), "-p", folder.toString(), "-c", configuration.toString())) {
            awaitListening(port);
            try (Program program = curl("http://127.0.0.1:" + port, "gated-nginx")) {
                seesEachWordWhenItIsSaid(program, "gated-nginx");
                assertThat(program.end()).endsWith("data: [DONE]\n\n");
            }
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
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
        throw new AssertionError("nginx does not listen");
    }
}
