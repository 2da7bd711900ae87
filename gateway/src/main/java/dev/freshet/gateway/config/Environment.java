package dev.freshet.gateway.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The environment's variables, and below them those of a `.env` file.
///
/// @param variables by name; an empty value counts as absent
public record Environment(Map<String, String> variables) {

    /// The process's own variables and those of `.env` in a folder, where there is one.
    ///
    /// @throws ConfigException where a line of `.env` is not `NAME=value`
    public static Environment of(Map<String, String> process, Path folder) {
        Map<String, String> all = new HashMap<>(dotEnv(folder.resolve(".env")));
        all.putAll(process);
        return new Environment(Map.copyOf(all));
    }

    public Optional<String> get(String name) {
        return Optional.ofNullable(variables.get(name)).filter(value -> !value.isBlank());
    }

    private static Map<String, String> dotEnv(Path file) {
        if (!Files.isRegularFile(file)) return Map.of();
        Map<String, String> found = new HashMap<>();
        try {
            int number = 0;
            for (String line : Files.readAllLines(file)) {
                number++;
                String text = line.strip().replaceFirst("^export\\s+", "");
                if (text.isEmpty() || text.startsWith("#")) continue;
                int equals = text.indexOf('=');
                if (equals < 1) throw new ConfigException(file + ":" + number + ": expected NAME=value");
                found.put(
                        text.substring(0, equals).strip(),
                        unquoted(text.substring(equals + 1).strip()));
            }
        } catch (IOException e) {
            throw new ConfigException(
                    file + " cannot be read (" + e.getMessage() + "); make it readable, or remove it");
        }
        return found;
    }

    private static String unquoted(String value) {
        boolean quoted = value.length() >= 2
                && (value.charAt(0) == '"' || value.charAt(0) == '\'')
                && value.charAt(value.length() - 1) == value.charAt(0);
        return quoted ? value.substring(1, value.length() - 1) : value.replaceFirst("\\s+#.*$", "");
    }
}
