package dev.freshet.gateway.meter;

import dev.freshet.gateway.model.Usage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Counts what providers did not, on a thread of its own. Thread-safe.
public final class Counter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Counter.class);
    /// Comparing waits its turn; where so much waits already, it is left out.
    private static final int BUSY = 256;

    private final Tokenizer tokenizer = new Tokenizer();
    private final Calibrations calibrations = new Calibrations();
    private final AtomicBoolean warm = new AtomicBoolean();
    private volatile boolean loaded;
    private final LinkedBlockingQueue<Runnable> waiting = new LinkedBlockingQueue<>();
    private final ExecutorService thread = new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            waiting,
            Thread.ofPlatform().daemon().name("freshet-counter").factory());

    /// An attempt whose tokens are to be counted.
    ///
    /// @param words asked on the counting thread
    public record Job(Served model, Supplier<Words> words) {}

    Calibrations calibrations() {
        return calibrations;
    }

    /// Loads what counting needs, the first time: an answer that ends soon should not wait for it.
    public void warmUp() {
        if (warm.compareAndSet(false, true)) run(() -> tokenizer.count("", "warm"));
    }

    /// Calls back as soon as short texts are counted at once: during this call, where they are.
    public void whenWarm(Executor loop, Runnable then) {
        if (loaded) {
            then.run();
            return;
        }
        run(() -> {
            tokenizer.count("", "warm");
            loaded = true;
            onLoop(loop, then);
        });
    }

    private static void onLoop(Executor loop, Runnable task) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException e) {
            // The gateway is closing, and the loop is gone with all that it owned.
        }
    }

    /// How many tokens a short text has, for a model; at once, after [#whenWarm].
    public ToIntFunction<String> tokenizer(String model) {
        return text -> (int) tokenizer.count(model, text);
    }

    /// Counts a prompt now, because it is too large to be kept until somebody wants to know.
    public void count(Prompt prompt, String model) {
        run(() -> prompt.tokens(tokenizer, model));
    }

    /// Estimates what attempts took.
    ///
    /// @param prompt of the first of them
    /// @param told on `loop`, of one estimate for each; where counting fails, of none
    public void estimate(Prompt prompt, List<Job> jobs, Executor loop, Consumer<List<Usage>> told) {
        run(() -> {
            List<Usage> estimates = estimates(prompt, jobs);
            onLoop(loop, () -> told.accept(estimates));
        });
    }

    private List<Usage> estimates(Prompt prompt, List<Job> jobs) {
        List<Usage> estimates = new ArrayList<>();
        try {
            for (Job job : jobs) estimates.add(calibrations.estimate(job.model(), counted(prompt, job)));
            return estimates;
        } catch (RuntimeException e) {
            LOG.error("tokens cannot be counted", e);
            return List.of();
        }
    }

    private Calibrations.Counted counted(Prompt prompt, Job job) {
        String model = job.model().model();
        Words words = job.words().get();
        long thoughts = sum(model, words.thoughts());
        return new Calibrations.Counted(
                prompt.tokens(tokenizer, model), sum(model, words.answers()) + thoughts, thoughts);
    }

    private long sum(String model, List<String> texts) {
        return texts.stream().mapToLong(text -> tokenizer.count(model, text)).sum();
    }

    /// Whether so much waits to be counted that nothing should be that can do without.
    public boolean busy() {
        return waiting.size() >= BUSY;
    }

    /// Whether the model's own count of a complete answer is to be compared with ours.
    public boolean wants(Served model) {
        return !busy() && calibrations.wanted(model);
    }

    /// Compares a model's own count with ours.
    public void learn(@Nullable Prompt prompt, Job job, Usage reported) {
        run(() -> {
            try {
                Prompt known = prompt == null ? new Prompt(0) : prompt;
                calibrations.learn(job.model(), counted(known, job), reported);
            } catch (RuntimeException e) {
                LOG.error("tokens cannot be compared", e);
            }
        });
    }

    private void run(Runnable task) {
        try {
            thread.execute(task);
        } catch (RejectedExecutionException e) {
            // The gateway is closing.
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
