package dev.freshet.cli;

import dev.freshet.gateway.config.Config;
import dev.freshet.gateway.config.ConfigException;
import dev.freshet.gateway.config.ConfigFile;
import dev.freshet.gateway.config.Environment;
import dev.freshet.gateway.config.KnownProvider;
import dev.freshet.gateway.config.ZeroConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What `serve` was asked for: a file or none, and what the command line says over it.
record Settings(
        @Nullable Path file,
        @Nullable String host,
        @Nullable Integer port,
        List<String> cors,
        Environment environment) {

    /// The configuration to use.
    ///
    /// @throws ConfigException where it can not be used
    Config config() {
        Config config = file == null
                ? ZeroConfig.of(environment, KnownProvider.ALL, KnownProvider.LOCAL, LocalServers::answers)
                : ConfigFile.read(file, environment);
        return overridden(config);
    }

    /// The data folder alone, which needs no provider to be asked.
    Path data() {
        return file == null
                ? Path.of("freshet-data")
                : ConfigFile.read(file, environment).data();
    }

    private Config overridden(Config config) {
        Config.Listen said = config.listen();
        List<String> origins = new ArrayList<>(said.cors());
        origins.addAll(cors);
        if (port != null && (port < 0 || port > 65_535))
            throw new ConfigException("--port takes a number from 0 to 65535");
        Config.Listen listen = new Config.Listen(
                host != null ? host : said.host(),
                port != null ? port : said.port(),
                said.names(),
                said.tls(),
                origins);
        return config.withListen(listen);
    }
}
