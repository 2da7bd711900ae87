package dev.freshet.bench;

import dev.freshet.bench.contender.Contender;
import dev.freshet.bench.contender.Footprint;
import dev.freshet.bench.load.Demand;
import dev.freshet.bench.load.LoadClient;
import dev.freshet.bench.load.LoadLoop;
import dev.freshet.bench.load.Pace;
import dev.freshet.bench.load.Upstream;
import dev.freshet.bench.load.Window;
import dev.freshet.bench.report.Load;
import dev.freshet.bench.report.Metric;
import dev.freshet.bench.report.Results;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// Puts one load on one contender, and measures it. Not thread-safe.
final class Trials {
    /// Ten seconds at 50 tokens a second: a usual answer.
    private static final int TOKENS = 500;

    private static final int SHORT_TOKENS = 8;
    private static final int FIRST_STREAMS = 100;
    private static final int FIRST_TOKENS = 50;
    private static final int FIRST_REQUESTS = 1_000;
    private static final Set<Load> STREAMS = EnumSet.of(Load.STREAMS_200, Load.STREAMS_1000, Load.STREAMS_2000);
    private static final Duration END_LIMIT = Duration.ofSeconds(20);
    private static final Duration WARM_UP_WINDOW = Duration.ofSeconds(2);
    private static final double MICROS = 1e3;

    private final LoadLoop loop;
    private final Upstream upstream;
    private final Plan plan;
    private final Results results;
    private final List<String> faults = new ArrayList<>();
    private long lost;

    Trials(LoadLoop loop, Upstream upstream, Plan plan, Results results) {
        this.loop = loop;
        this.upstream = upstream;
        this.plan = plan;
        this.results = results;
    }

    /// What was lost, out of order or broken, a line for each trial that had it.
    List<String> faults() {
        return faults;
    }

    /// Tokens lost in all trials.
    long lost() {
        return lost;
    }

    /// Measures one round of that load.
    void measure(Contender contender, Load load) throws IOException {
        try (LoadClient client = start(contender, load, demand(load))) {
            loop.run(plan.settle());
            record(contender, load, Stretch.measure(loop, contender, client, plan.window()));
            end(contender, load, client);
        }
    }

    /// Holds streams open on a contender that was started for this, and measures what it grew.
    void measureHeld(Contender contender) throws IOException {
        // What it allocates once is to be there before memory is compared.
        run(contender, Load.REQUESTS, demand(Load.REQUESTS), plan.settle());
        Footprint before = contender.footprint();
        try (LoadClient client = start(contender, Load.HELD, demand(Load.HELD))) {
            Window window = client.startWindow();
            int streams = connections(Load.HELD);
            loop.run(END_LIMIT, () -> window.firsts().size() == streams);
            loop.run(plan.settle());
            Footprint after = contender.footprint();
            add(contender, Load.HELD, Metric.MEMORY_LIVE, (double) (after.live() - before.live()) / streams);
            add(
                    contender,
                    Load.HELD,
                    Metric.MEMORY_RESIDENT,
                    (double) (after.resident() - before.resident()) / streams);
            end(contender, Load.HELD, client);
        }
    }

    /// Notes how long it took to start.
    void measureReady(Contender contender, Metric metric) {
        add(contender, Load.START, metric, contender.readyMillis());
    }

    /// Measures the first requests to a contender that has just been started.
    void measureFirst(Contender contender, Load load) throws IOException {
        int requests = load == Load.FIRST_STREAMS ? FIRST_STREAMS : FIRST_REQUESTS;
        try (LoadClient client = start(contender, load, demand(load))) {
            Window window = client.startWindow();
            loop.run(END_LIMIT, () -> window.firsts().size() >= requests);
            if (load == Load.FIRST_STREAMS) loop.run(END_LIMIT, () -> client.running() == 0);
            end(contender, load, client);
            add(contender, load, Metric.FIRST_MEDIAN, window.firsts().quantile(0.5) / MICROS);
            add(contender, load, Metric.FIRST_P99, window.firsts().quantile(0.99) / MICROS);
        }
    }

    private void run(Contender contender, Load load, Demand demand, Duration time) throws IOException {
        try (LoadClient client = start(contender, load, demand)) {
            loop.run(time);
            end(contender, load, client);
        }
    }

    /// Loads it with many short requests, and then with unpaced streams, until the CPU time per token of three
    /// windows in a row differs by less than three in a hundred, or the time for it is over. (Paced streams
    /// would not do: where the proxy falls behind, tokens that wait go together, and each seems cheap.)
    /// Without a proxy it is the load that is warmed up, for two windows.
    ///
    /// @return how many seconds that took
    double warmUp(Contender contender) throws IOException {
        long start = System.nanoTime();
        run(
                contender,
                Load.REQUESTS,
                Demand.every(Duration.ofNanos(500_000), 2),
                plan.warmUp().dividedBy(3));
        try (LoadClient client = start(contender, Load.FULL, demand(Load.FULL))) {
            loop.run(plan.settle());
            double last = Double.NaN;
            int alike = 0;
            while (alike < 2 && System.nanoTime() - start < plan.warmUp().toNanos()) {
                double now =
                        Stretch.measure(loop, contender, client, WARM_UP_WINDOW).cpuPerToken();
                boolean same = Double.isNaN(now) || Math.abs(now - last) < 0.03 * last;
                alike = same ? alike + 1 : 0;
                last = now;
            }
            end(contender, Load.FULL, client);
        }
        return (System.nanoTime() - start) / 1e9;
    }

    private LoadClient start(Contender contender, Load load, Demand demand) throws IOException {
        Pace pace = switch (load) {
            case STREAMS_200, STREAMS_1000, STREAMS_2000, REQUESTS, BURSTS -> Pace.PACED;
            case START, FIRST_STREAMS, FIRST_REQUESTS, FIRST_REQUESTS_COLD -> Pace.PACED;
            case FULL -> Pace.UNPACED;
            case HELD -> Pace.HELD;
        };
        upstream.pace(pace, connections(load));
        return new LoadClient(loop, contender.port(), connections(load), demand, number -> {
            if (pace == Pace.UNPACED) upstream.proceed(number);
        });
    }

    private static int connections(Load load) {
        return switch (load) {
            case STREAMS_200, REQUESTS, BURSTS -> 200;
            case START, FIRST_STREAMS -> FIRST_STREAMS;
            case FIRST_REQUESTS, FIRST_REQUESTS_COLD -> 200;
            case STREAMS_1000 -> 1000;
            case STREAMS_2000 -> 2000;
            // Each takes two file descriptors of the proxy and two of the load, of the 20,000 that many systems allow.
            case HELD -> 9000;
            // So few that no stream waits 40 ms for its next token: from there on the kernel acknowledges each token by
            // itself, which would add to the cost of whoever is slower already.
            case FULL -> 500;
        };
    }

    private static Demand demand(Load load) {
        return switch (load) {
            case STREAMS_200, STREAMS_1000, STREAMS_2000, FULL, HELD -> Demand.steady(TOKENS);
            case REQUESTS, FIRST_REQUESTS, FIRST_REQUESTS_COLD -> Demand.every(Duration.ofMillis(2), SHORT_TOKENS);
            case START, FIRST_STREAMS -> Demand.bursts(END_LIMIT, FIRST_STREAMS, FIRST_TOKENS);
            case BURSTS -> Demand.bursts(Duration.ofMillis(500), connections(load), SHORT_TOKENS);
        };
    }

    private void record(Contender contender, Load load, Stretch stretch) {
        boolean streams = STREAMS.contains(load);
        if (streams || load == Load.FULL) {
            add(contender, load, Metric.CPU_PER_TOKEN, stretch.cpuPerToken() / MICROS);
            add(contender, load, Metric.RATE, stretch.rate());
            add(contender, load, Metric.PROXY_BUSY, stretch.proxyBusy() * 100);
            add(contender, load, Metric.LOAD_BUSY, stretch.loadBusy() * 100);
        }
        Window window = stretch.window();
        if (streams) {
            add(contender, load, Metric.DELAY_MEDIAN, window.delays().quantile(0.5) / MICROS);
            add(contender, load, Metric.DELAY_P99, window.delays().quantile(0.99) / MICROS);
        }
        if (load != Load.FULL) {
            add(contender, load, Metric.FIRST_MEDIAN, window.firsts().quantile(0.5) / MICROS);
            add(contender, load, Metric.FIRST_P99, window.firsts().quantile(0.99) / MICROS);
        }
    }

    private void add(Contender contender, Load load, Metric metric, double value) {
        results.add(contender.name(), load, metric, value);
    }

    /// Ends all streams, and counts what is missing.
    private void end(Contender contender, Load load, LoadClient client) throws IOException {
        client.stop();
        boolean ended = loop.run(END_LIMIT, () -> {
            upstream.finish();
            return client.running() == 0 && upstream.running() == 0;
        });
        lost += client.tally().lost();
        String where = contender.name() + ", " + load.text() + ": ";
        if (!client.tally().clean()) faults.add(where + client.tally());
        if (!ended) faults.add(where + client.running() + " streams did not end");
    }
}
