package dev.freshet.bench.client;

import dev.freshet.simulator.Exchange;
import dev.freshet.simulator.Simulator;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A simulated provider that the contenders ask, each by a key of its own. Thread-safe.
final class Contest implements AutoCloseable {
    /// The limit of silence of those that have one.
    static final Duration SILENCE = Duration.ofMillis(1_500);

    /// Who has not ended by then hangs. Three silences with the waits between them are shorter.
    static final Duration LIMIT = Duration.ofSeconds(12);

    /// How an answer ended.
    enum End {
        WHOLE,
        FAILED,
        NEVER
    }

    /// What became of an answer.
    ///
    /// @param asked how often the provider was asked
    record Seen(End end, String text, int asked) {}

    final Simulator simulator;

    Contest() throws IOException {
        simulator = Simulator.builder().recording(true).threads(2).start();
    }

    /// One to ask the provider, new.
    ///
    /// @param silence its limit of silence
    Contender contender(Contender.Kind kind, Duration silence) {
        return kind.of().apply(simulator.baseUri(), silence);
    }

    /// The exchanges that a contender had about a model, in their order.
    List<Exchange> exchanges(Contender.Kind kind, String model) {
        String key = "Bearer " + kind.name().toLowerCase(Locale.ROOT);
        return simulator.exchanges().stream()
                .filter(exchange -> key.equals(exchange.headers().get("authorization")))
                .filter(exchange -> exchange.body().contains("\"" + model + "\""))
                .toList();
    }

    /// Asks a model once, and waits for the end.
    Seen run(Contender.Kind kind, String model, Duration limit) throws InterruptedException {
        int before = exchanges(kind, model).size();
        Queue<String> text = new ConcurrentLinkedQueue<>();
        End end;
        try (Contender contender = contender(kind, SILENCE)) {
            Contender.Asking asking = contender.start(model, text::add);
            try {
                asking.end().get(limit.toMillis(), TimeUnit.MILLISECONDS);
                end = End.WHOLE;
            } catch (ExecutionException e) {
                end = End.FAILED;
            } catch (TimeoutException e) {
                end = End.NEVER;
                cancels(asking);
            }
        }
        return new Seen(end, String.join("", text), exchanges(kind, model).size() - before);
    }

    /// Cancels; some do not like that from another thread than the one that reads.
    ///
    /// @return whether it was taken
    static boolean cancels(Contender.Asking asking) {
        try {
            asking.cancel().run();
            return true;
        } catch (IllegalStateException e) {
            return false;
        }
    }

    @Override
    public void close() {
        simulator.close();
    }
}
