package dev.freshet.bench.guard;

import dev.freshet.gateway.config.ConfigFile;
import dev.freshet.gateway.config.Environment;
import dev.freshet.gateway.guard.Guard;
import dev.freshet.gateway.guard.Watch;
import dev.freshet.gateway.meter.Counter;
import dev.freshet.gateway.model.Channel;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// The time that a rule takes for one delta of four characters, which is about a token: of an answer of 500
/// of them that breaks no rule.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class GuardBenchmark {
    static final int DELTAS = 500;
    private static final int SIZE = 4;

    /// The rules, by the names that the report has.
    static final Map<String, String> RULES = Map.ofEntries(
            Map.entry("nothing", "{contains: [\"~\"]}"),
            Map.entry("contains, 20 phrases", "{contains: [" + phrases(20) + "]}"),
            Map.entry("contains, 10,000 phrases", "{contains: [" + phrases(10_000) + "]}"),
            Map.entry("matches, card numbers", "{matches: \"\\\\b(?:\\\\d{4}[ -]?){3}\\\\d{4}\\\\b\"}"),
            Map.entry("matches, alternatives", "{matches: \"(?i)(guarantee|promise)d? (returns|profits?)\"}"),
            Map.entry("opens_with, refusals", "{opens_with: {list: refusals, within_chars: 60}}"),
            Map.entry("must_start_with", "{must_start_with: \"The\"}"),
            Map.entry("language", "{language: {expect: [en], min_chars: 80}}"),
            Map.entry("repeat", "{repeat: {copies: 4, span: 96}}"),
            Map.entry("secrets", "{secrets: [all]}"),
            Map.entry("personal_data", "{personal_data: [all]}"),
            Map.entry("spend, tokens", "{spend: {tokens: 100000}}"),
            Map.entry(
                    "json, schema",
                    "{json: {schema: {type: array, items: {type: object, required: [name, cents],"
                            + " properties: {name: {type: string}, cents: {type: integer}}}}}}"));

    private static final String PROSE = "The river rises in spring, when the snow of the mountains melts. Nobody had"
            + " expected that the bridge would carry so much water past it, and yet it does, year after year. She"
            + " counted 1,250 logs that afternoon, and wrote the number on a wet page. Is there a better way to find"
            + " out what a stream carries? One could weigh it, or listen: number %d of many.\n";

    @Param({
        "nothing",
        "contains, 20 phrases",
        "contains, 10,000 phrases",
        "matches, card numbers",
        "matches, alternatives",
        "opens_with, refusals",
        "must_start_with",
        "language",
        "repeat",
        "secrets",
        "personal_data",
        "spend, tokens",
        "json, schema"
    })
    public String rule = "";

    private final Counter counter = new Counter();
    private List<Guard> guards = List.of();
    private String[] deltas = {};

    private static String phrases(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> "\"phrase " + i * 7919 + " of them\"")
                .collect(Collectors.joining(", "));
    }

    /// Reads the rule, and loads the tokenizer.
    @Setup
    public void prepare() throws InterruptedException {
        String yaml = "guards: {g: {stop_when: [" + RULES.get(rule) + "]}}";
        guards = List.of(Objects.requireNonNull(ConfigFile.parse(yaml, "bench.yaml", new Environment(Map.of()))
                .guards()
                .byName()
                .get("g")));
        CountDownLatch warm = new CountDownLatch(1);
        counter.whenWarm(Runnable::run, warm::countDown);
        warm.await();
        String text = rule.startsWith("json")
                ? IntStream.range(0, 80)
                        .mapToObj(i -> "{\"name\": \"item " + i + "\", \"cents\": " + i * 37 + "}")
                        .collect(Collectors.joining(", ", "[", "]"))
                : IntStream.range(0, 10).mapToObj(PROSE::formatted).collect(Collectors.joining());
        deltas = IntStream.range(0, DELTAS)
                .mapToObj(i -> text.substring(i * SIZE, (i + 1) * SIZE))
                .toArray(String[]::new);
    }

    /// One answer.
    @Benchmark
    @OperationsPerInvocation(DELTAS)
    public Watch answer() {
        Watch watch = new Watch(guards, counter.tokenizer("gpt-4o"), new Watch.Spent(0, _ -> Long.MAX_VALUE, 0));
        for (String delta : deltas) {
            watch.add(0, Channel.VISIBLE, 0, delta, 0);
            if (watch.next() != null) throw new IllegalStateException(rule + " is broken");
        }
        return watch;
    }
}
