package dev.freshet.bench;

import dev.freshet.bench.Contenders.Start;
import dev.freshet.bench.contender.BenchException;
import dev.freshet.bench.contender.Contender;
import dev.freshet.bench.contender.Cores;
import dev.freshet.bench.contender.Nginx;
import dev.freshet.bench.load.LoadLoop;
import dev.freshet.bench.load.Upstream;
import dev.freshet.bench.report.Load;
import dev.freshet.bench.report.Machine;
import dev.freshet.bench.report.Metric;
import dev.freshet.bench.report.Report;
import dev.freshet.bench.report.Results;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// `bench/run`: measures no proxy, nginx and Freshet in turn, or no proxy and Freshet with each store. Exit
/// code 1 where a token was lost, 2 where it cannot run.
public final class Bench {
    private static final long START = System.nanoTime();

    private final Options options;
    private final Contenders contenders;
    private final Trials trials;

    private Bench(Options options, Contenders contenders, Trials trials) {
        this.options = options;
        this.contenders = contenders;
        this.trials = trials;
    }

    /// Runs it in the repository's root.
    public static void main(String[] args) throws IOException {
        try {
            System.exit(
                    run(Options.parse(args, Path.of("freshet").toAbsolutePath().toString())));
        } catch (BenchException e) {
            System.err.println(e.getMessage());
            System.exit(2);
        }
    }

    private static int run(Options options) throws IOException {
        Cores cores = Cores.ofThisMachine();
        cores.pinLoad();
        Results results = new Results(options.comparison());
        Machine machine = Machine.here(Nginx.version());
        try (LoadLoop loop = new LoadLoop();
                Upstream upstream = new Upstream(loop)) {
            Contenders contenders = new Contenders(cores, loop, upstream.port(), options.freshet());
            Trials trials = new Trials(loop, upstream, options.plan(), results);
            say("load on core " + cores.load() + ", proxy on core " + cores.proxy() + "; logs in "
                    + contenders.folder());
            new Bench(options, contenders, trials).measureAll();
            trials.faults().forEach(System.err::println);
            Report report = Report.of(results, machine, trials.lost());
            report.print();
            if (options.save() && trials.faults().isEmpty()) report.save(Path.of("docs"));
            return trials.faults().isEmpty() ? 0 : 1;
        }
    }

    private void measureAll() throws IOException {
        List<Contender> running = new ArrayList<>();
        try {
            for (String name : Contenders.order(options.comparison())) {
                if (options.contenders().contains(name)) running.add(warm(name));
            }
            for (int round = 1; round <= options.plan().rounds(); round++) round(round, running);
        } finally {
            for (Contender contender : running) contender.close();
        }
        if (!options.comparison().holds()) return;
        for (int round = 1; round <= options.plan().rounds(); round++) held(round);
        for (int round = 1; round <= options.plan().rounds(); round++) starts(round);
    }

    private Contender warm(String name) throws IOException {
        Contender contender = contenders.start(name);
        say(name + " is warm after " + Math.round(trials.warmUp(contender)) + " s");
        return contender;
    }

    /// All contenders take their turn under a load before the next load comes, so that the machine's moods
    /// meet all.
    private void round(int round, List<Contender> running) throws IOException {
        for (Load load : options.comparison().loads()) {
            say("round " + round + ": " + load.text());
            for (Contender contender : running) trials.measure(contender, load);
        }
    }

    private void held(int round) throws IOException {
        say("round " + round + ": " + Load.HELD.text());
        for (String name : Contenders.order(options.comparison())) {
            if (name.equals("direct") || !options.contenders().contains(name)) continue;
            try (Contender contender = contenders.startWhole(name)) {
                trials.measureHeld(contender);
            }
        }
    }

    private void starts(int round) throws IOException {
        say("round " + round + ": " + Load.START.text());
        for (String name : Contenders.order(options.comparison())) {
            if (name.equals("direct") || !options.contenders().contains(name)) continue;
            boolean java = name.equals("freshet");
            try (Contender fresh = contenders.startFresh(name, Start.USUAL)) {
                trials.measureReady(fresh, Metric.READY);
                trials.measureFirst(fresh, Load.FIRST_STREAMS);
            }
            try (Contender fresh = contenders.startFresh(name, Start.USUAL)) {
                trials.measureReady(fresh, Metric.READY);
                trials.measureFirst(fresh, Load.FIRST_REQUESTS);
            }
            try (Contender fresh = contenders.startFresh(name, Start.COLD)) {
                trials.measureFirst(fresh, Load.FIRST_REQUESTS_COLD);
            }
            if (!java) continue;
            try (Contender fresh = contenders.startFresh(name, Start.PLAIN)) {
                trials.measureReady(fresh, Metric.READY_PLAIN);
            }
        }
    }

    private static void say(String text) {
        long seconds = Duration.ofNanos(System.nanoTime() - START).toSeconds();
        System.err.printf(Locale.ROOT, "%3d s  %s%n", seconds, text);
    }
}
