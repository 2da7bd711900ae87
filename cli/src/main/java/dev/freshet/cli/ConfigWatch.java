package dev.freshet.cli;

import dev.freshet.gateway.Gateway;
import dev.freshet.gateway.config.Config;
import dev.freshet.gateway.config.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
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
    private List<Path> others;
    private String seen;

    private ConfigWatch(Path file, List<Path> others, Settings settings, Gateway gateway) {
        this.file = file;
        this.others = others;
        this.settings = settings;
        this.gateway = gateway;
        seen = stamp();
    }

    /// @param others the files that it names
    static void start(Path file, List<Path> others, Settings settings, Gateway gateway) {
        Thread.ofVirtual().name("config-watch").start(new ConfigWatch(file, others, settings, gateway));
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
            if (!changed.files().equals(others)) seen = "other files, which may have changed meanwhile";
            others = changed.files();
            LOG.info(
                    "{} was read again; what begins from now on uses it (but for the certificate, a changed `listen` needs a restart)",
                    file);
        } catch (ConfigException e) {
            LOG.error("{} was changed and is wrong; the earlier one stays in use: {}", file, e.getMessage());
        }
    }

    private String stamp() {
        return stamp(file) + " " + others.stream().map(ConfigWatch::stamp).collect(Collectors.joining(" "));
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
