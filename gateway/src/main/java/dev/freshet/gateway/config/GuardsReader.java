package dev.freshet.gateway.config;

import dev.freshet.gateway.guard.Guard;
import dev.freshet.gateway.guard.Guards;
import dev.freshet.gateway.model.Model;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// Reads `guards` and `guard_limits`, and the guards that requests bring. Stateless.
public final class GuardsReader {
    private static final int MOST_ATTEMPTS = 10;
    private static final int MOST_BYTES = 64 << 10;
    private static final JsonFactory JSON = new JsonFactory();

    private GuardsReader() {}

    /// @param folder that schemas lie in
    static Guards read(Section root, Path folder) {
        Map<String, Guard> guards =
                ConfigReader.named(root.section("guards"), (name, entry) -> new GuardReader(folder).guard(name, entry));
        Section limits = root.section("guard_limits");
        int attempts = limits.count("attempts", Guards.NONE.attempts());
        if (attempts < 1 || attempts > MOST_ATTEMPTS)
            throw limits.errorAt("attempts", "expected 1, which never asks again, to " + MOST_ATTEMPTS);
        double factor = limits.number("spend_factor", Guards.NONE.spendFactor());
        if (factor < 1 || factor > MOST_ATTEMPTS)
            throw limits.errorAt(
                    "spend_factor", "expected 1 to " + MOST_ATTEMPTS + ": a multiple of what one attempt can cost");
        limits.end();
        return new Guards(guards, attempts, factor);
    }

    /// Fails where a guard would ask a model that there is not.
    static void check(Section root, Guards guards, Map<String, Model> models) {
        guards.byName().forEach((name, guard) -> {
            for (String model : guard.asks()) {
                boolean unknown = !models.isEmpty() && !models.containsKey(model) && !models.containsKey(Model.ANY);
                if (unknown)
                    throw root.section("guards")
                            .errorAt(
                                    name,
                                    "the guard `" + name + "` asks the model `" + model
                                            + "`, which `models` does not name");
            }
        });
    }

    /// Reads the value of a request's `freshet` field. Takes milliseconds where it has schemas.
    ///
    /// @param json UTF-8
    /// @return null where it has no guard
    /// @throws ConfigException where it is wrong; the message names the place
    public static @Nullable Guard ofRequest(byte[] json) {
        if (json.length > MOST_BYTES)
            throw new ConfigException(
                    "freshet: at most " + MOST_BYTES + " bytes; larger rules belong into the gateway's configuration");
        Section root = new Section(Source.literal("freshet"), "", ConfigFile.compose(unescaped(json), "freshet"));
        Guard guard = root.has("guard") ? new GuardReader(null).ofRequest(root.section("guard")) : null;
        root.end();
        return guard;
    }

    /// The same without escapes that YAML reads in another way.
    private static String unescaped(byte[] json) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(json.length);
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), json);
                JsonGenerator plain = JSON.createGenerator(ObjectWriteContext.empty(), out)) {
            while (parser.nextToken() != null) plain.copyCurrentEvent(parser);
        }
        return out.toString(StandardCharsets.UTF_8);
    }
}
