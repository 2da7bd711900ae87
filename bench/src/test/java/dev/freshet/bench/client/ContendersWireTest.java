package dev.freshet.bench.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.simulator.Exchange;
import dev.freshet.simulator.Fault;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Step;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Java clients over the same faults and cases. What is seen is written in `docs/java-client.md`, and the test
/// fails where that says something else; `-Dtable.write` writes it.
class ContendersWireTest {
    private static final Duration SILENCE = Duration.ofMillis(1_500);
    private static final long LIMIT_SECONDS = 12;
    private static final int AT_ONCE = 32;
    private static final int AGAIN = 3;
    private static final Path DOCUMENT = Path.of(System.getProperty("freshet.root"), "docs/java-client.md");
    private static final String BEGIN = "<!-- written by a test: begin -->\n";
    private static final String END = "<!-- written by a test: end -->";

    private static final boolean WRITING = System.getProperty("table.write") != null;

    private static Simulator simulator;

    @BeforeAll
    static void start() throws IOException {
        simulator = Simulator.builder().recording(true).threads(2).start();
    }

    @AfterAll
    static void stop() {
        simulator.close();
    }

    /// How an answer ended.
    private enum End {
        WHOLE,
        FAILED,
        NEVER
    }

    private record Seen(End end, String text, long asked) {}

    /// The exchanges that a contender had about a model.
    private static List<Exchange> exchanges(String contender, String model) {
        String key = "Bearer " + contender.toLowerCase(Locale.ROOT);
        return simulator.exchanges().stream()
                .filter(exchange -> key.equals(exchange.headers().get("authorization")))
                .filter(exchange -> exchange.body().contains("\"" + model + "\""))
                .toList();
    }

    private static Seen run(Contender.Kind kind, String model) throws InterruptedException {
        int before = exchanges(kind.name(), model).size();
        Queue<String> text = new ConcurrentLinkedQueue<>();
        End end;
        try (Contender contender = kind.of().apply(simulator.baseUri(), SILENCE)) {
            Contender.Asking asking = contender.start(model, text::add);
            try {
                asking.end().get(LIMIT_SECONDS, TimeUnit.SECONDS);
                end = End.WHOLE;
            } catch (ExecutionException e) {
                end = End.FAILED;
            } catch (TimeoutException e) {
                end = End.NEVER;
                cancels(asking);
            }
        }
        return new Seen(
                end, String.join("", text), exchanges(kind.name(), model).size() - before);
    }

    /// Faults whose answer is whole, and which ours refuses: who takes it is right too.
    private static final Map<String, Predicate<String>> WHOLE_ALL_THE_SAME =
            Map.of("fault-17-both", "1 2 3 4 5 "::equals, "fault-28", text -> text.length() > 5_000_000);

    /// What is different from ours, in words; empty for nothing.
    private static String verdict(String fault, Seen ours, Seen theirs) {
        List<String> words = new ArrayList<>();
        boolean whole = WHOLE_ALL_THE_SAME.getOrDefault(fault, _ -> false).test(theirs.text());
        if (theirs.end() == End.NEVER) words.add("**hangs**");
        else if (theirs.end() == End.WHOLE && whole) words.add("whole");
        else if (theirs.end() == End.WHOLE && ours.end() == End.FAILED) words.add("**looks whole**");
        else if (theirs.end() == End.FAILED && ours.end() == End.WHOLE) words.add("fails");
        if (theirs.end() != End.NEVER && !whole && !theirs.text().equals(ours.text())) {
            if (theirs.text().startsWith(ours.text())) words.add("gives text behind the fault");
            else if (ours.text().startsWith(theirs.text())) words.add("loses text");
            else words.add("**garbles text**");
        }
        if (theirs.asked() > ours.asked()) words.add("asks " + theirs.asked() + " times");
        return String.join(", ", words);
    }

    private static boolean right(String verdict) {
        return verdict.isEmpty() || verdict.equals("whole");
    }

    /// All but Brotli that is stored as it is: to who does not know Brotli it looks like a stream, which real
    /// Brotli never does.
    private static List<Fault> faults() {
        return Simulator.faults().stream()
                .filter(fault ->
                        fault.row() >= 4 && fault.row() <= 34 && !fault.name().equals("fault-16-br"))
                .toList();
    }

    @Test
    void faultsAreMetAsTheTableSays() throws Exception {
        List<Fault> faults = faults();
        Map<String, Seen> seen = new ConcurrentHashMap<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
            List<Future<?>> running = new ArrayList<>();
            for (Contender.Kind kind : Contender.ALL)
                for (Fault fault : faults)
                    running.add(threads.submit(() -> seen.put(kind + " " + fault.name(), run(kind, fault.name()))));
            for (Future<?> one : running) one.get();
        }
        String before = Files.readString(DOCUMENT);
        List<String> table = new ArrayList<>();
        Map<String, Integer> same = new LinkedHashMap<>();
        Contender.ALL.forEach(kind -> same.put(kind.name(), 0));
        int alike = 0;
        for (Fault fault : faults) {
            Seen ours = Objects.requireNonNull(seen.get("Freshet " + fault.name()));
            assertThat(ours.end()).as("%s", fault).isNotEqualTo(End.NEVER);
            Map<String, String> verdicts = new LinkedHashMap<>();
            for (Contender.Kind kind : Contender.ALL.subList(1, Contender.ALL.size())) {
                String verdict =
                        verdict(fault.name(), ours, Objects.requireNonNull(seen.get(kind + " " + fault.name())));
                // A busy machine may have been the cause: what is not as it is written is tried again, alone.
                String row = row(before, fault);
                for (int i = 0; i < (WRITING ? 1 : AGAIN) && !written(row, verdicts.size(), verdict); i++)
                    verdict = verdict(fault.name(), ours, run(kind, fault.name()));
                verdicts.put(kind.name(), verdict);
                if (right(verdict)) same.merge(kind.name(), 1, Integer::sum);
            }
            if (verdicts.values().stream().allMatch(String::isEmpty)) alike++;
            else table.add(head(fault) + cells(ours, verdicts));
        }
        same.put("Freshet", faults.size());
        StringBuilder all = new StringBuilder(
                "| model | what it does | Freshet | okhttp-sse | LaunchDarkly | openai-java | langchain4j |\n"
                        + "|---|---|---|---|---|---|---|\n");
        table.forEach(row -> all.append(row).append('\n'));
        all.append("| | ").append(alike).append(" more | right | right | right | right | right |\n");
        all.append("| | **right, of ").append(faults.size()).append("** | ");
        all.append(same.values().stream().map(String::valueOf).collect(Collectors.joining(" | ")))
                .append(" |\n");
        assertDocumented("faults", all.toString());
    }

    private static String head(Fault fault) {
        return "| `" + fault.name() + "` | " + fault.what().replace("|", "/") + " | ";
    }

    private static String cells(Seen ours, Map<String, String> verdicts) {
        String right = ours.end() == End.WHOLE ? "whole" : "fails";
        return right
                + verdicts.values().stream()
                        .map(verdict -> " | " + (verdict.isEmpty() ? "right" : verdict))
                        .collect(Collectors.joining())
                + " |";
    }

    private static String row(String document, Fault fault) {
        return document.lines()
                .filter(line -> line.startsWith(head(fault)))
                .findFirst()
                .orElse("");
    }

    private static boolean written(String row, int column, String verdict) {
        if (WRITING) return verdict.isEmpty();
        String[] cells = row.split("\\|", -1);
        if (cells.length < 9) return row.isEmpty() && verdict.isEmpty();
        String cell = cells[4 + column].strip();
        return cell.equals(verdict.isEmpty() ? "right" : verdict);
    }

    private static void assertDocumented(String name, String table) throws IOException {
        String begin = BEGIN.replace("begin", name + ", begin");
        String end = END.replace("end", name + ", end");
        String document = Files.readString(DOCUMENT);
        int from = document.indexOf(begin) + begin.length();
        int to = document.indexOf(end);
        assertThat(to).as("%s marks the table %s", DOCUMENT, name).isGreaterThan(0);
        if (WRITING)
            Files.writeString(DOCUMENT, document.substring(0, from) + "\n" + table + "\n" + document.substring(to));
        else assertThat(document.substring(from, to).strip()).isEqualTo(table.strip());
    }

    // ---- cases that are no faults

    private static final int STREAMS = 25;
    private static final Duration SOON = Duration.ofSeconds(3);

    @Test
    void casesAreMetAsTheTableSays() throws Exception {
        simulator.script("slow-and-steady", _ -> {
            List<Step> steps = new ArrayList<>(List.of(Steps.head()));
            for (int i = 0; i < 12; i++)
                steps.addAll(List.of(Steps.pause(Duration.ofMillis(300)), Steps.text(i + " ")));
            steps.addAll(List.of(Steps.finish("stop"), Steps.done(), Steps.lastChunk()));
            return steps.iterator();
        });
        simulator.script("held", Script.of(Steps.head(), Steps.text("1 "), Steps.hang()));
        simulator.script("silent", Script.of(Steps.hang()));
        StringBuilder table =
                new StringBuilder("| case | Freshet | okhttp-sse | LaunchDarkly | openai-java | langchain4j |\n"
                        + "|---|---|---|---|---|---|\n");
        row(table, "tokens for twice as long as its limit of silence", ContendersWireTest::steady);
        row(
                table,
                "of " + STREAMS + " streams at once to one host, so many have their first token after 3 s",
                ContendersWireTest::atOnce);
        row(
                table,
                "cancelled before the head came: the connection is closed within 3 s",
                kind -> cancelled(kind, "silent", 0));
        row(table, "cancelled after a token: the same", kind -> cancelled(kind, "held", 1));
        assertDocumented("cases", table.toString());
    }

    private interface Case {
        String of(Contender.Kind kind) throws Exception;
    }

    private static void row(StringBuilder table, String title, Case one) throws Exception {
        table.append("| ").append(title);
        for (Contender.Kind kind : Contender.ALL) table.append(" | ").append(one.of(kind));
        table.append(" |\n");
    }

    private static String steady(Contender.Kind kind) throws InterruptedException {
        return run(kind, "slow-and-steady").end() == End.WHOLE ? "whole" : "**cut off**";
    }

    private static String atOnce(Contender.Kind kind) throws InterruptedException {
        CountDownLatch waiting = new CountDownLatch(STREAMS);
        try (Contender contender = kind.of().apply(simulator.baseUri(), Duration.ofSeconds(LIMIT_SECONDS))) {
            List<Contender.Asking> asked = new ArrayList<>();
            for (int i = 0; i < STREAMS; i++) asked.add(contender.start("held", _ -> waiting.countDown()));
            boolean all = waiting.await(SOON.toMillis(), TimeUnit.MILLISECONDS);
            long came = STREAMS - waiting.getCount();
            asked.forEach(ContendersWireTest::cancels);
            return all ? String.valueOf(came) : "**" + came + "**";
        }
    }

    private static String cancelled(Contender.Kind kind, String model, int tokens) throws InterruptedException {
        int before = exchanges(kind.name(), model).size();
        CountDownLatch waiting = new CountDownLatch(tokens);
        try (Contender contender = kind.of().apply(simulator.baseUri(), Duration.ofSeconds(LIMIT_SECONDS))) {
            Contender.Asking asking = contender.start(model, _ -> waiting.countDown());
            Exchange exchange = awaitExchange(kind, model, before);
            assertThat(waiting.await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
            boolean taken = cancels(asking);
            if (exchange.await(SOON) != Exchange.State.CANCELLED) return "**no**";
            return taken ? "yes" : "yes, but it **throws**";
        }
    }

    /// Some do not like to be cancelled by another thread than the one that reads.
    private static boolean cancels(Contender.Asking asking) {
        try {
            asking.cancel().run();
            return true;
        } catch (IllegalStateException e) {
            return false;
        }
    }

    private static Exchange awaitExchange(Contender.Kind kind, String model, int number) throws InterruptedException {
        for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
                System.nanoTime() < end;
                Thread.sleep(10)) {
            List<Exchange> all = exchanges(kind.name(), model);
            if (all.size() > number) return all.get(number);
        }
        throw new AssertionError(kind + " did not ask " + model);
    }
}
