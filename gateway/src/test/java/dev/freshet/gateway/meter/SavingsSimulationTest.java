package dev.freshet.gateway.meter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.model.Estimate;
import dev.freshet.gateway.model.Saved;
import dev.freshet.gateway.model.SavedBy;
import dev.freshet.gateway.model.Usage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The estimate of what stops avoid, beside what they did avoid, which only a simulation knows.
///
/// A report is the ledger's: its sums go through the database, and come out of it. `-Dseed=…` gives the first
/// seed, `-Dseeds=…` how many there are.
class SavingsSimulationTest {
    private static final long SEED = Long.getLong("seed", 20_261_128);
    private static final int SEEDS = Integer.getInteger("seeds", 20);
    private static final int STREAMS = 20_000;
    private static final double HOLDOUT = 0.05;
    private static final SavedBy BY = new SavedBy("g.rule", "m");
    /// In nano-dollars a token.
    private static final long INPUT = 280;

    private static final long OUTPUT = 420;

    /// How many tokens answers of two families of models had, in 357,161 steps of agents: quantiles at 25, 50,
    /// 90 and 99 of 100. Source: tracelab.cs.washington.edu/exp/llm_generation/token_length_distribution, table 1.
    private static final double[] SHARES = {0, 0.25, 0.5, 0.9, 0.99, 1};

    private static final double[] LONG = {8, 132, 252, 1_671, 6_571, 12_000};
    private static final double[] SHORT = {4, 70, 184, 939, 3_508, 7_000};

    @TempDir
    Path folder;

    /// What kind of answers a rule meets.
    ///
    /// @param bad the share of answers that are off track
    /// @param longer how much longer than others these are
    /// @param judged whether a judge is asked about each answer
    private record World(double bad, double longer, boolean judged) {}

    /// What is known of one run, in nano-dollars and tokens.
    private record Run(Saved saved, double avoidedTokens, double net) {}

    private static long length(double[] quantiles, Random random) {
        double share = random.nextDouble();
        int i = 1;
        while (SHARES[i] < share) i++;
        double within = (share - SHARES[i - 1]) / (SHARES[i] - SHARES[i - 1]);
        return Math.round(quantiles[i - 1] * Math.pow(quantiles[i] / quantiles[i - 1], within));
    }

    private Run run(World world, long seed) throws Exception {
        Random random = new Random(seed);
        Path data = Files.createTempDirectory(folder, "run");
        double avoided = 0;
        double cost = 0;
        try (Ledger ledger = Ledger.open(data, () -> Duration.ofDays(90), () -> 1_000_000L)) {
            ledger.start();
            for (int i = 0; i < STREAMS; i++) {
                boolean bad = random.nextDouble() < world.bad();
                long length = bad
                        ? Math.min(8_192, Math.round(length(LONG, random) * world.longer()))
                        : length(SHORT, random);
                Saved saved = Saved.NOTHING;
                if (world.judged()) {
                    saved = saved.plus(Saved.ofJudge(360, 360 * INPUT));
                    cost += 360 * INPUT;
                }
                // Some bad answers are missed, some good ones are taken for bad.
                boolean stops = random.nextDouble() < (bad ? 0.9 : 0.01);
                long until = 30L + random.nextInt(90);
                if (stops && until < length) {
                    boolean held = random.nextDouble() < HOLDOUT;
                    long rest = length - until;
                    long retry = 400 * INPUT + length(SHORT, random) * OUTPUT;
                    saved = saved.plus(Saved.ofStop(true, held)).plus(Saved.ofRetry(400, retry));
                    if (held) saved = saved.plus(Saved.ofRest(rest, rest * OUTPUT, false));
                    else avoided += rest;
                    cost += retry + (held ? rest * OUTPUT : 0);
                }
                if (!saved.equals(Saved.NOTHING))
                    ledger.spent(
                            new Extra(1_000_000, Extra.HOLDOUT, "m", "p", Usage.reported(0, 0), 0L, "", BY, saved));
            }
        }
        Map<SavedBy, Saved> report = Ledger.ask(data, new SavingsReport(0, null)::read);
        return new Run(Objects.requireNonNull(report.get(BY)), avoided, avoided * OUTPUT - cost);
    }

    private static boolean holds(Estimate estimate, double truth) {
        return estimate.low() <= truth && truth <= estimate.high();
    }

    /// Loops and answers to something else are long: stopping them pays.
    @Test
    void whatIsReportedIsWhatWasSaved() throws Exception {
        World world = new World(0.25, 4, false);
        double reported = 0;
        double truth = 0;
        int covered = 0;
        int netCovered = 0;
        for (long seed = SEED; seed < SEED + SEEDS; seed++) {
            Run run = run(world, seed);
            Estimate net = Objects.requireNonNull(run.saved().net());
            reported += net.mean();
            truth += run.net();
            if (holds(Objects.requireNonNull(run.saved().avoidedTokens()), run.avoidedTokens())) covered++;
            if (holds(net, run.net())) netCovered++;
            assertThat(run.saved().pays()).as("-Dseed=%d", seed).isEqualTo(Saved.Pays.YES);
        }
        String found =
                "seeds %d to %d: reported over true net %.4f, intervals that hold the truth: tokens %d, net %d of %d"
                        .formatted(SEED, SEED + SEEDS - 1, reported / truth, covered, netCovered, SEEDS);
        System.out.println(found);
        assertThat(reported / truth).as(found).isBetween(0.95, 1.05);
        assertThat(covered).as(found).isGreaterThanOrEqualTo(SEEDS * 17 / 20);
        assertThat(netCovered).as(found).isGreaterThanOrEqualTo(SEEDS * 17 / 20);
    }

    /// Answers that are no longer than others, and a judge for each: that costs more than it saves.
    @Test
    void whereStoppingDoesNotPayTheReportSaysSo() throws Exception {
        World world = new World(0.1, 0.5, true);
        for (long seed = SEED; seed < SEED + Math.min(SEEDS, 20); seed++) {
            Run run = run(world, seed);
            assertThat(run.net()).isNegative();
            assertThat(run.saved().pays()).as("-Dseed=%d", seed).isEqualTo(Saved.Pays.NO);
        }
    }
}
