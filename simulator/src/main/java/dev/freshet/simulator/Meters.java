package dev.freshet.simulator;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What the models `abort-…` generated, and what they bill, as model servers (`/metrics`, like vLLM's) and
/// providers (`/user/balance`, like DeepSeek's) show it. Thread-safe.
final class Meters {
    /// In dollars.
    private static final double BALANCE = 1_000;

    private static final double PRICE = 0.001;

    /// What happens to an answer whose client leaves.
    enum Behaviour {
        STOPS("stops"),
        /// It is generated to its end, and billed.
        GOES_ON("goes-on"),
        /// It is not generated any more, and billed to its end all the same.
        BILLS("bills");

        final String word;

        Behaviour(String word) {
            this.word = word;
        }
    }

    private record Answer(Exchange exchange, Behaviour behaviour, int tokens, Duration pace, long beganNanos) {
        /// How many tokens there are by now.
        double generated(long now) {
            boolean ended = exchange.state() != Exchange.State.RUNNING && behaviour != Behaviour.GOES_ON;
            long until = ended ? exchange.endedNanos() : now;
            return Math.min(tokens, (double) (until - beganNanos) / pace.toNanos());
        }

        double billed(long now) {
            boolean left = exchange.state() == Exchange.State.CANCELLED;
            return left && behaviour == Behaviour.BILLS ? tokens : generated(now);
        }
    }

    private final List<Answer> answers = new ArrayList<>();

    /// An answer begins; those of other models are not counted.
    void began(Exchange exchange, ChatCall call) {
        for (Behaviour one : Behaviour.values()) {
            if (!call.model().equals(Models.ABORT + one.word)) continue;
            int tokens = Math.min(Models.ABORT_TOKENS, call.maxTokens());
            synchronized (this) {
                answers.add(new Answer(exchange, one, tokens, Models.ABORT_PACE, System.nanoTime()));
            }
        }
    }

    private synchronized double generated() {
        long now = System.nanoTime();
        return answers.stream().mapToDouble(one -> one.generated(now)).sum();
    }

    private synchronized double billed() {
        long now = System.nanoTime();
        return answers.stream().mapToDouble(one -> one.billed(now)).sum();
    }

    /// In Prometheus' text format.
    String metrics() {
        return "# TYPE vllm:generation_tokens_total counter\nvllm:generation_tokens_total{model_name=\"simulated\"} "
                + String.format(Locale.ROOT, "%.1f%n", generated());
    }

    /// As JSON.
    String balance() {
        return String.format(
                Locale.ROOT,
                "{\"is_available\":true,\"balance_infos\":[{\"currency\":\"USD\",\"total_balance\":\"%.4f\"}]}",
                BALANCE - billed() * PRICE);
    }
}
