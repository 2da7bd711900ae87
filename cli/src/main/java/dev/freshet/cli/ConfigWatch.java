package dev.freshet.cli;

import dev.freshet.gateway.Gateway;
import dev.freshet.gateway.config.Config;
import dev.freshet.gateway.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reads a changed configuration again, and uses it whole or not at all. Asks for the file's time each second,
/// which works on every file system, editors that replace the file and mounted volumes included.
final class ConfigWatch implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(ConfigWatch.class);
    private static final Duration PERIOD = Duration.ofSeconds(1);

    private final Path file;
    private final Settings settings;
    private final Gateway gateway;
    private @Nullable Path prices;
    private String seen;

    private ConfigWatch(Path file, @Nullable Path prices, Settings settings, Gateway gateway) {
        this.file = file;
        this.prices = prices;
        this.settings = settings;
        this.gateway = gateway;
        seen = stamp();
    }

    /// @param prices the list that the file names; null where it names none
    static void start(Path file, @Nullable Path prices, Settings settings, Gateway gateway) {
        Thread.ofVirtual().name("config-watch").start(new ConfigWatch(file, prices, settings, gateway));
    }

    @Override
    public void run() {
        try {
            while (true) {
                Thread.sleep(PERIOD);
                look();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        String now = stamp();
        if (now.equals(seen)) return;
        seen = now;
        try {
            Config changed = settings.config();
            gateway.reload(changed);
            Path list = changed.accounts().pricesFile();
            if (!Objects.equals(list, prices)) seen = "another list of prices, which may have changed meanwhile";
            prices = list;
            LOG.info("{} was read again; what begins from now on uses it (a changed `listen` needs a restart)", file);
        } catch (ConfigException e) {
            LOG.error("{} was changed and is wrong; the earlier one stays in use: {}", file, e.getMessage());
        }
    }

    private String stamp() {
        return stamp(file) + (prices == null ? "" : " " + stamp(prices));
    }

    private static String stamp(Path file) {
        try {
            FileTime time = Files.getLastModifiedTime(file);
            return time.toMillis() + "/" + Files.size(file);
        } catch (IOException e) {
            return "absent";
        }
    }
}
