package dev.freshet.cli;

import dev.freshet.gateway.Gateway;
import dev.freshet.gateway.config.Config;
import dev.freshet.gateway.config.Environment;
import dev.freshet.gateway.config.KnownProvider;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/// What `freshet serve` prints once it is ready: what it found, the models, the page's address, and a line to
/// copy.
final class Greeting {
    private static final Duration MODELS_LIMIT = Duration.ofSeconds(6);
    private static final int MODELS_SHOWN = 12;

    private Greeting() {}

    static void print(PrintWriter out, Config config, Gateway gateway, Environment environment) {
        String base = (config.listen().tls() == null ? "http://" : "https://")
                + shownHost(config.listen().host()) + ":" + gateway.address().getPort();
        config.warnings().forEach(warning -> out.println("  warning    " + warning));
        out.println("Freshet is ready.");
        out.println("  chat page  " + base + "/");
        out.println("  API        " + base + "/v1");
        out.println("  data       " + config.data().toAbsolutePath().normalize());
        out.println("  providers  " + providers(config, environment));
        out.println("  access     "
                + (gateway.asksForKeys()
                        ? "by key; `freshet keys create --name NAME` makes one"
                        : "open: no key is asked for; `freshet keys create --name NAME` makes the first one"));
        String key = gateway.asksForKeys() ? "-H \"Authorization: Bearer $KEY\" " : "";
        out.println("  try it     curl -N " + base + "/v1/chat/completions " + key
                + "-H 'Content-Type: application/json' \\");
        out.println(
                "               -d '{\"model\":\"demo\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}'");
        out.flush();
        Thread.ofVirtual().name("greeting").start(() -> models(out, gateway));
    }

    /// The models come when the providers have said theirs; nobody waits for that.
    private static void models(PrintWriter out, Gateway gateway) {
        try {
            boolean complete = gateway.awaitModels(MODELS_LIMIT);
            List<String> names = gateway.models();
            String shown = names.stream().limit(MODELS_SHOWN).collect(Collectors.joining(", "));
            String more =
                    names.size() > MODELS_SHOWN ? ", and " + (names.size() - MODELS_SHOWN) + " more at /v1/models" : "";
            out.println("  models     " + shown + more + (complete ? "" : " (some providers have not answered yet)"));
            out.flush();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String shownHost(String host) {
        if (host.equals("0.0.0.0") || host.equals("::")) return "localhost";
        return host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
    }

    private static String providers(Config config, Environment environment) {
        if (config.providers().isEmpty()) {
            return "none, so demo answers under every name; set DEEPSEEK_API_KEY, OPENAI_API_KEY, … or write a file (-c)";
        }
        return config.providers().keySet().stream()
                .map(name -> name + variable(name, environment))
                .collect(Collectors.joining(", "));
    }

    private static String variable(String provider, Environment environment) {
        return KnownProvider.ALL.stream()
                .filter(known -> known.name().equals(provider)
                        && environment.get(known.variable()).isPresent())
                .map(known -> " (" + known.variable() + ")")
                .findFirst()
                .orElse("");
    }
}
