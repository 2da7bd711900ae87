package dev.freshet.gateway.meter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.model.Usage;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CounterTest {
    private static final Served GPT = new Served("up", "gpt-4o");

    private final Counter counter = new Counter();
    private final BlockingQueue<List<Usage>> told = new LinkedBlockingQueue<>();

    @AfterEach
    void stop() {
        counter.close();
    }

    private Usage estimate(Prompt prompt, Words words) throws InterruptedException {
        counter.estimate(prompt, List.of(new Counter.Job(GPT, () -> words)), Runnable::run, told::add);
        List<Usage> estimates = told.poll(20, TimeUnit.SECONDS);
        assertThat(estimates).isNotNull().hasSize(1);
        return estimates.getFirst();
    }

    @Test
    void largeTextsAreReadAndCountedOnAThreadOfItsOwn() throws Exception {
        AtomicReference<String> reads = new AtomicReference<>("");
        Prompt prompt = new Prompt(1, () -> {
            reads.set(Thread.currentThread().getName());
            return new Prompt.Said("many words ".repeat(1_000_000), 1, 0);
        });
        Usage usage = estimate(prompt, new Words(List.of("Hello, world!"), List.of()));
        assertThat(reads.get()).isEqualTo("freshet-counter");
        assertThat(usage.completion()).isEqualTo(4);
        // 11 million characters, of which it counts the first 256 Ki
        assertThat(usage.prompt()).isBetween(1_990_000L, 2_010_000L);
    }

    @Test
    void aPromptIsCountedOnce() throws Exception {
        AtomicReference<Integer> times = new AtomicReference<>(0);
        Prompt prompt = new Prompt(1, () -> {
            times.updateAndGet(n -> n + 1);
            return new Prompt.Said("Hello, world!\n", 2, 1);
        });
        Words nothing = new Words(List.of(), List.of());
        assertThat(estimate(prompt, nothing).prompt()).isEqualTo(4 + 2 * 4 + 3 + 765);
        assertThat(estimate(prompt, nothing).prompt()).isEqualTo(4 + 2 * 4 + 3 + 765);
        assertThat(times.get()).isEqualTo(1);
    }

    @Test
    void thoughtsThatWereShownArePartOfTheAnswer() throws Exception {
        Usage usage = estimate(new Prompt(9), new Words(List.of("Hello, world!"), List.of("hm", "hm")));
        assertThat(usage.completion()).isEqualTo(6);
        assertThat(usage.reasoning()).isEqualTo(2);
        assertThat(usage.prompt()).isEqualTo(9);
    }

    @Test
    void whatCannotBeReadIsToldAsNoEstimate() throws Exception {
        Counter.Job broken = new Counter.Job(GPT, () -> {
            throw new IllegalStateException("on purpose");
        });
        counter.estimate(new Prompt(1), List.of(broken), Runnable::run, told::add);
        assertThat(told.poll(20, TimeUnit.SECONDS)).isEmpty();
        assertThat(estimate(new Prompt(1), new Words(List.of("a"), List.of())).completion())
                .isEqualTo(1);
    }

    @Test
    void theTokenizersOfOlderModelsAreKnownToo() {
        Tokenizer tokenizer = new Tokenizer();
        assertThat(List.of("gpt-4o-mini", "gpt-5.4-nano", "o3", "openai/gpt-4.1", "openai/gpt-oss-120b", "gpt-4-turbo"))
                .allMatch(Tokenizer::knows);
        assertThat(List.of("deepseek-chat", "llama3.2", "claude-opus-5", "my-gpt"))
                .noneMatch(Tokenizer::knows);
        String text = "春天山上的雪融化以后，河水就涨起来了。";
        assertThat(tokenizer.count("gpt-4", text)).isGreaterThan(tokenizer.count("gpt-4o", text));
        assertThat(tokenizer.count("anything", text)).isEqualTo(tokenizer.count("gpt-4o", text));
    }
}
