package dev.freshet.bench.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.bench.client.Contest.End;
import dev.freshet.simulator.Exchange;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Step;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Java clients in cases that are no faults. What is seen is written in `docs/java-client.md`.
class ContendersCasesWireTest {
    private static final int STREAMS = 25;
    private static final Duration SOON = Duration.ofSeconds(3);

    private Contest contest;

    @BeforeEach
    void start() throws IOException {
        contest = new Contest();
        contest.simulator.script("slow-and-steady", _ -> {
            List<Step> steps = new ArrayList<>(List.of(Steps.head()));
            for (int i = 0; i < 12; i++)
                steps.addAll(List.of(Steps.pause(Duration.ofMillis(300)), Steps.text(i + " ")));
            steps.addAll(List.of(Steps.finish("stop"), Steps.done(), Steps.lastChunk()));
            return steps.iterator();
        });
        contest.simulator.script("held", Script.of(Steps.head(), Steps.text("1 "), Steps.hang()));
        contest.simulator.script("silent", Script.of(Steps.hang()));
    }

    @AfterEach
    void stop() {
        contest.close();
    }

    private interface Case {
        String of(Contender.Kind kind) throws Exception;
    }

    @Test
    void casesAreMetAsTheTableSays() throws Exception {
        DocumentedTable table = new DocumentedTable("cases", List.of("case"));
        add(table, "tokens for twice as long as its limit of silence", this::steady);
        add(
                table,
                "of " + STREAMS + " streams at once to one host, so many have their first token after 3 s",
                this::atOnce);
        add(
                table,
                "cancelled before the head came: the connection is closed within 3 s",
                kind -> cancelled(kind, "silent", 0));
        add(table, "cancelled after a token: the same", kind -> cancelled(kind, "held", 1));
        table.assertDocumented();
    }

    /// All contenders at once: they wait most of the time.
    private static void add(DocumentedTable table, String title, Case one) throws Exception {
        List<String> row = new ArrayList<>(List.of(title));
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> running = Contender.ALL.stream()
                    .map(kind -> threads.submit(() -> one.of(kind)))
                    .toList();
            for (Future<String> cell : running) row.add(cell.get());
        }
        table.add(row);
    }

    private String steady(Contender.Kind kind) throws InterruptedException {
        return contest.run(kind, "slow-and-steady", Contest.LIMIT).end() == End.WHOLE ? "whole" : "**cut off**";
    }

    private String atOnce(Contender.Kind kind) throws InterruptedException {
        CountDownLatch waiting = new CountDownLatch(STREAMS);
        try (Contender contender = contest.contender(kind, Contest.LIMIT)) {
            List<Contender.Asking> asked = new ArrayList<>();
            for (int i = 0; i < STREAMS; i++) asked.add(contender.start("held", _ -> waiting.countDown()));
            boolean all = waiting.await(SOON.toMillis(), TimeUnit.MILLISECONDS);
            long came = STREAMS - waiting.getCount();
            asked.forEach(Contest::cancels);
            return all ? String.valueOf(came) : "**" + came + "**";
        }
    }

    private String cancelled(Contender.Kind kind, String model, int tokens) throws InterruptedException {
        int before = contest.exchanges(kind, model).size();
        CountDownLatch waiting = new CountDownLatch(tokens);
        try (Contender contender = contest.contender(kind, Contest.LIMIT)) {
            Contender.Asking asking = contender.start(model, _ -> waiting.countDown());
            Exchange exchange = awaitExchange(kind, model, before);
            assertThat(waiting.await(Contest.LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
            boolean taken = Contest.cancels(asking);
            if (exchange.await(SOON) != Exchange.State.CANCELLED) return "**no**";
            return taken ? "yes" : "yes, but it **throws**";
        }
    }

    private Exchange awaitExchange(Contender.Kind kind, String model, int number) throws InterruptedException {
        for (long end = System.nanoTime() + Contest.LIMIT.toNanos(); System.nanoTime() < end; Thread.sleep(10)) {
            List<Exchange> all = contest.exchanges(kind, model);
            if (all.size() > number) return all.get(number);
        }
        throw new AssertionError(kind + " did not ask " + model);
    }
}
