package dev.freshet.gateway.config;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/// Reads a configuration from YAML 1.2.
public final class ConfigFile {
    private static final int MAX_CHARACTERS = 4 << 20;
    private static final int MAX_ALIASES = 50;

    private ConfigFile() {}

    /// @throws ConfigException where the file is absent, unreadable, or wrong; with line and column
    public static Config read(Path file, Environment environment) {
        try {
            return parse(Files.readString(file), file.toString(), environment);
        } catch (NoSuchFileException e) {
            throw new ConfigException(file + ": there is no such file; name another with -c, or leave -c out");
        } catch (IOException e) {
            throw new ConfigException(file + " cannot be read (" + e.getMessage() + "); make it readable UTF-8 text");
        }
    }

    /// @param name the file's name, for messages
    public static Config parse(String yaml, String name, Environment environment) {
        Source source = new Source(name, environment);
        Section root = new Section(source, "", compose(yaml, name));
        return new ConfigReader(root, folder(name), environment).config();
    }

    private static Path folder(String name) {
        Path folder = Path.of(name).toAbsolutePath().getParent();
        return folder == null ? Path.of("") : folder;
    }

    static @Nullable Node compose(String yaml, String name) {
        LoadSettings settings = LoadSettings.builder()
                .setLabel(name)
                .setCodePointLimit(MAX_CHARACTERS)
                .setMaxAliasesForCollections(MAX_ALIASES)
                .setAllowDuplicateKeys(true) // found by Section, with the path
                .build();
        try {
            Optional<Node> node = new Compose(settings)
                    .composeInputStream(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)));
            return node.orElse(null);
        } catch (MarkedYamlEngineException e) {
            String place = e.getProblemMark().map(ConfigFile::place).orElse("");
            throw new ConfigException(name + place + ": not YAML: " + e.getProblem());
        } catch (YamlEngineException e) {
            throw new ConfigException(name + ": not YAML: " + e.getMessage());
        }
    }

    private static String place(Mark mark) {
        return ":" + (mark.getLine() + 1) + ":" + (mark.getColumn() + 1);
    }
}
