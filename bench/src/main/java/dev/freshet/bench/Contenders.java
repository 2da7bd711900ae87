package dev.freshet.bench;

import dev.freshet.bench.contender.Contender;
import dev.freshet.bench.contender.Cores;
import dev.freshet.bench.contender.Direct;
import dev.freshet.bench.contender.Freshet;
import dev.freshet.bench.contender.Nginx;
import dev.freshet.bench.load.LoadLoop;
import dev.freshet.bench.report.Comparison;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Starts contenders by name, each in a folder of its own. Stops those that still run when it is closed.
final class Contenders {
    /// The names of all of them, in the order of their turns.
    static List<String> order(Comparison comparison) {
        return comparison.contenders().stream()
                .map(name -> name.toLowerCase(Locale.ROOT))
                .toList();
    }

    private final Cores cores;
    private final LoadLoop loop;
    private final int upstreamPort;
    private final List<String> freshet;
    private final Path folder;

    Contenders(Cores cores, LoadLoop loop, int upstreamPort, List<String> freshet) throws IOException {
        this.cores = cores;
        this.loop = loop;
        this.upstreamPort = upstreamPort;
        this.freshet = freshet;
        this.folder = Files.createTempDirectory("freshet-bench");
    }

    /// Where their folders are, with what they printed.
    Path folder() {
        return folder;
    }

    Contender start(String name) throws IOException {
        return switch (name) {
            case "direct" -> new Direct(upstreamPort);
            case "nginx" -> Nginx.start(own(name), cores, loop, upstreamPort);
            case "freshet" -> freshet("Freshet", Freshet.MEMORY, Freshet.OPEN);
            case "memory" -> freshet(name, Freshet.MEMORY, Freshet.OPEN);
            case "disk" -> freshet(name, Freshet.DISK, Freshet.OPEN);
            case "bare" -> freshet(name, Freshet.MEMORY, Freshet.BARE);
            case "unguarded" -> freshet(name, Freshet.MEMORY, Freshet.OPEN);
            case "guarded" -> freshet(name, Freshet.MEMORY, Freshet.GUARDED);
            case "ledger" -> freshet(name, Freshet.MEMORY, Freshet.KEYED);
            default -> throw new IllegalArgumentException(name);
        };
    }

    /// The same, but Freshet with all that it can do.
    Contender startWhole(String name) throws IOException {
        return name.equals("freshet") ? freshet("Freshet", Freshet.DISK, Freshet.WHOLE) : start(name);
    }

    /// How Freshet starts.
    enum Start {
        /// As its launcher does.
        USUAL(""),
        /// Without the JVM's cache of what starting takes.
        PLAIN("-XX:AOTMode=off"),
        /// Ready as soon as it listens.
        COLD("-Dfreshet.warmUpMillis=0");

        private final String options;

        Start(String options) {
            this.options = options;
        }
    }

    /// One that may use both cores, as where nobody ties it down.
    Contender startFresh(String name, Start start) throws IOException {
        if (name.equals("nginx")) return Nginx.start(own(name), cores.share(), loop, upstreamPort);
        List<String> command = new ArrayList<>(List.of("env", "FRESHET_JAVA_OPTS=" + start.options));
        command.addAll(freshet);
        Freshet.Program program = new Freshet.Program("Freshet", command, Freshet.MEMORY, Freshet.OPEN);
        return Freshet.start(own(name), cores.share(), loop, upstreamPort, program);
    }

    private Contender freshet(String name, String streams, Freshet.Accounts accounts) throws IOException {
        Freshet.Program program = new Freshet.Program(name, freshet, streams, accounts);
        return Freshet.start(own(name), cores, loop, upstreamPort, program);
    }

    private Path own(String name) throws IOException {
        return Files.createTempDirectory(folder, name);
    }
}
