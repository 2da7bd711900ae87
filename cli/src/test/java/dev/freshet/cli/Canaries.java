package dev.freshet.cli;

import dev.freshet.gateway.Gateway;
import dev.freshet.gateway.config.ConfigFile;
import dev.freshet.gateway.config.Environment;
import dev.freshet.simulator.Exchange;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Steps;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A gateway before a simulator that answers each model with its name, and tells who was asked.
final class Canaries implements AutoCloseable {
    /// What the simulator says, in an answer.
    private static final Pattern SAID = Pattern.compile("\"content\":\"([a-z0-9-]+)\"");

    /// Stands before what went wrong with a connection, at the end of an answer.
    static final String BROKEN = "\nbroken: ";

    private static final Pattern MODEL = Pattern.compile("\"model\":\"([a-z0-9-]+)\"");
    private static final List<String> MODELS = List.of("before", "one", "canary", "after");

    private final Simulator simulator = Simulator.builder().recording(true).start();
    private final Gateway gateway;

    Canaries() throws IOException {
        gateway = Gateway.start(
                ConfigFile.parse("""
                        listen: {port: 0}
                        providers: {up: {base_url: "%s"}}
                        models: {"*": {targets: [{provider: up}]}}
                        ledger: off
                        """.formatted(simulator.baseUri()), "test", new Environment(Map.of())), null);
    }

    /// Makes the models of a case.
    void knows(RequestCase one) {
        MODELS.forEach(model -> knows(model + one.suffix()));
    }

    void knows(String model) {
        simulator.script(
                model,
                Script.of(Steps.json(
                        200,
                        "{\"id\":\"x\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,"
                                + "\"message\":{\"role\":\"assistant\",\"content\":\"" + model
                                + "\"},\"finish_reason\":\"stop\"}]}")));
    }

    int port() {
        return gateway.address().getPort();
    }

    /// Whom the gateway asked for, so far.
    List<String> asked() {
        return simulator.exchanges().stream()
                .map(Exchange::body)
                .map(body -> {
                    Matcher model = MODEL.matcher(body);
                    return model.find() ? model.group(1) : body;
                })
                .toList();
    }

    /// What the models said in an answer.
    static List<String> said(String answer) {
        List<String> said = new ArrayList<>();
        for (Matcher one = SAID.matcher(answer); one.find(); ) said.add(one.group(1));
        return said;
    }

    /// Sends bytes as they are, and reads until the other side ends the connection or is silent.
    static String exchange(int port, String bytes, int silenceMillis) throws IOException {
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(silenceMillis);
            socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            socket.getInputStream().transferTo(read);
        } catch (IOException e) {
            read.writeBytes((BROKEN + e.getMessage()).getBytes(StandardCharsets.ISO_8859_1));
        }
        return read.toString(StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() {
        gateway.close();
        simulator.close();
    }
}
