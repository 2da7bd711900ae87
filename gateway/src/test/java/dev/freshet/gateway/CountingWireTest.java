package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import com.knuddels.jtokkit.api.IntArrayList;
import dev.freshet.gateway.config.ConfigFile;
import dev.freshet.gateway.config.Environment;
import dev.freshet.simulator.Script;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.core.io.JsonStringEncoder;

/// The ledger against the simulator's own count: 5,000 streams, some complete, some that their clients
/// leave, some that break. What is reported is exact; what is estimated is near, and says how near.
class CountingWireTest {
    private static final Encoding O200K = Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.O200K_BASE);
    private static final int STREAMS = 5_000;
    private static final int AT_ONCE = 64;
    /// How far the counts of another tokenizer are from those of ours, beside what they differ by in the mean.
    private static final double NOISE = 0.05;

    /// Sentences of our own, from which each answer is drawn.
    private static final Map<String, List<String>> SENTENCES = Map.of(
            "english",
                    List.of(
                            "The river rises in spring, when the snow of the mountains melts. ",
                            "Nobody had expected that the bridge would carry so much water past it. ",
                            "She counted 1,250 logs that afternoon, and wrote the number on a wet page. ",
                            "Is there a better way to find out what a stream carries? "),
            "german",
                    List.of(
                            "Im Frühling steigt der Fluss, sobald der Schnee in den Bergen schmilzt. ",
                            "Niemand hätte erwartet, dass so viel Wasser unter der Brücke hindurchpasst. ",
                            "Am Nachmittag zählte sie 1.250 Baumstämme und schrieb die Zahl auf ein nasses Blatt. ",
                            "Gibt es eine bessere Möglichkeit, die Durchflussmenge zu bestimmen? "),
            "chinese",
                    List.of(
                            "春天山上的雪融化以后，河水就涨起来了。",
                            "谁也没有想到，桥下能流过这么多的水。",
                            "那天下午她数了一千二百五十根木头，把数字写在一张湿纸上。",
                            "有没有更好的办法知道这条河带走了什么？"),
            "code",
                    List.of(
                            "for (int i = 0; i < logs.size(); i++) {\n    total += logs.get(i).length();\n}\n",
                            "public record Stream(String id, long bytes) implements Comparable<Stream> {}\n",
                            "if (rate > LIMIT_PER_SECOND) throw new IllegalStateException(\"too fast: \" + rate);\n",
                            "SELECT sum(bytes) FROM log WHERE day >= 20000 GROUP BY stream_id;\n"));

    @TempDir
    Path folder;

    /// Of models with another tokenizer, which are asked in this order: complete ones first, by which it is
    /// learnt.
    private final Map<String, List<Script>> inTurn = new HashMap<>();

    /// What the simulator will have sent of one stream, in tokens of its own.
    private record Truth(String how, String language, long prompt, long completion) {}

    /// A text as the pieces that its model made it of: a token each, but for characters that are cut.
    private static List<String> pieces(String text) {
        IntArrayList tokens = O200K.encodeOrdinary(text);
        List<String> pieces = new ArrayList<>();
        IntArrayList some = new IntArrayList();
        for (int i = 0; i < tokens.size(); i++) {
            some.add(tokens.get(i));
            String piece = O200K.decode(some);
            if (piece.indexOf('\ufffd') >= 0 && i < tokens.size() - 1) continue;
            pieces.add(piece);
            some.clear();
        }
        return pieces;
    }

    private String text(String language, Random random) {
        List<String> sentences = Objects.requireNonNull(SENTENCES.get(language));
        StringBuilder text = new StringBuilder();
        int count = 3 + random.nextInt(12);
        for (int i = 0; i < count; i++) text.append(sentences.get(random.nextInt(sentences.size())));
        return text.toString();
    }

    private static String body(String model, String question) {
        return "{\"model\":\"" + model + "\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\""
                + new String(JsonStringEncoder.getInstance().quoteAsCharArray(question)) + "\"}]}";
    }

    private static String usage(long prompt, long completion) {
        return "{\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[],"
                + "\"usage\":{\"prompt_tokens\":%d,\"completion_tokens\":%d,\"total_tokens\":%d}}"
                        .formatted(prompt, completion, prompt + completion);
    }

    /// What the simulated model takes its own prompt to be: OpenAI's rule.
    private static long prompt(String question, double factor) {
        return Math.round((O200K.countTokensOrdinary(question + "\n") + 7) * factor);
    }

    private static double factor(boolean foreign, String language) {
        return foreign ? language.equals("chinese") ? 1.2 : 1.1 : 1;
    }

    /// One stream, and what is true of it.
    private record Play(String model, String how, String question, int pieces, Truth truth) {}

    private Play play(Simulator.Builder simulator, int number, boolean foreign, Random random) {
        String language = List.of("english", "german", "chinese", "code").get(number % 4);
        String how = foreign && number < STREAMS / 2
                ? "complete"
                : List.of("complete", "left", "broken").get(number / 4 % 3);
        String question = text(language, random);
        List<String> pieces = pieces(text(language, random));
        int sent = how.equals("complete") ? pieces.size() : 20 + random.nextInt(pieces.size() - 20);
        List<String> some = pieces.subList(0, sent);
        double factor = factor(foreign, language);
        double noise = foreign ? 1 + NOISE * Math.clamp(random.nextGaussian(), -3, 3) : 1;
        long completion = Math.round(O200K.countTokensOrdinary(String.join("", some)) * factor * noise);
        List<Object> steps = new ArrayList<>(List.of(Steps.head(), Steps.role()));
        for (String piece : some) steps.add(Steps.text(piece));
        steps.addAll(
                switch (how) {
                    case "complete" ->
                        List.of(
                                Steps.finish("stop"),
                                Steps.event(usage(prompt(question, factor), completion)),
                                Steps.done(),
                                Steps.lastChunk());
                    case "left" -> List.of(Steps.hang());
                    default -> List.of(Steps.close());
                });
        String model = foreign ? "other-" + language : "gpt-4o-" + language + "-" + number;
        Script script = Script.of(steps.toArray());
        if (foreign) inTurn.computeIfAbsent(model, _ -> new ArrayList<>()).add(script);
        else simulator.script(model, script);
        return new Play(model, how, question, sent, new Truth(how, language, prompt(question, factor), completion));
    }

    @Test
    void theLedgerAgreesWithTheSimulatorsOwnCount() throws Exception {
        long seed = Long.getLong("freshet.seed", System.nanoTime());
        Random random = new Random(seed);
        Simulator.Builder builder = Simulator.builder();
        List<Play> plays = new ArrayList<>();
        for (int i = 0; i < STREAMS; i++) plays.add(play(builder, i, i % 5 == 4, random));
        inTurn.forEach((model, scripts) -> builder.script(model, Script.inTurn(scripts.toArray(Script[]::new))));
        Map<String, Truth> truths = new ConcurrentHashMap<>();
        try (Simulator simulator = builder.start();
                Gateway gateway = gateway(simulator)) {
            List<List<Play>> queues = new ArrayList<>(plays.stream()
                    .filter(play -> play.model().startsWith("other"))
                    .collect(Collectors.groupingBy(Play::model))
                    .values());
            plays.stream().filter(play -> play.model().startsWith("gpt")).forEach(play -> queues.add(List.of(play)));
            run(gateway, queues, truths);
            LedgerRows.await(folder, STREAMS);
        }
        List<LedgerRows.Row> rows = LedgerRows.all(folder);
        assertThat(rows).hasSize(STREAMS);
        assertThat(rows.stream().map(LedgerRows.Row::stream).distinct()).hasSize(STREAMS);
        Map<String, List<Double>> off = new HashMap<>();
        List<Double> within = new ArrayList<>();
        for (LedgerRows.Row row : rows) {
            Truth truth = truths.get(row.stream());
            assertThat(truth).as("%s", row).isNotNull();
            long counted = row.prompt() + row.completion();
            if (truth.how().equals("complete")) {
                assertThat(row.source()).isEqualTo("reported");
                assertThat(row.prompt()).isEqualTo(truth.prompt());
                assertThat(row.completion()).isEqualTo(truth.completion());
            } else {
                assertThat(row.source()).isEqualTo("estimated");
                assertThat(row.spread()).isPositive();
                String group =
                        (row.model().startsWith("other") ? "another tokenizer, " : "matching, ") + truth.language();
                boolean foreign = row.model().startsWith("other");
                if (foreign) assertThat(row.spread()).as("thousandths").isBetween(30, 70);
                double far = Math.abs((double) row.completion() / truth.completion() - 1) * 1000 / row.spread();
                if (foreign) within.add(far < 2 ? 1.0 : 0.0);
                off.computeIfAbsent(group, _ -> new ArrayList<>())
                        .add((double) counted / (truth.prompt() + truth.completion()) - 1);
            }
        }
        double share =
                within.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
        assertThat(share).as("within two standard deviations").isGreaterThan(0.88);
        StringBuilder said = new StringBuilder();
        said.append("\n  of another tokenizer's, %.0f %% are within twice the spread".formatted(share * 100));
        off.forEach((group, all) -> {
            double mean =
                    all.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
            double worst = all.stream().mapToDouble(Math::abs).max().orElseThrow();
            said.append("\n  %s: %d streams, off by %+.2f %% in the mean, %.1f %% at most"
                    .formatted(group, all.size(), mean * 100, worst * 100));
            assertThat(Math.abs(mean)).as(group).isLessThan(0.05);
        });
        System.out.println(STREAMS + " streams, seed " + seed + ": reported ones exact; estimates:"
                + said.toString().lines().sorted().collect(Collectors.joining("\n")));
    }

    private Gateway gateway(Simulator simulator) throws IOException {
        String yaml = """
                listen: {port: 0}
                data: "%s"
                providers: {up: {base_url: "%s"}}
                models: {"*": {targets: [{provider: up}]}}
                """.formatted(folder, simulator.baseUri());
        return Gateway.start(ConfigFile.parse(yaml, "freshet.yaml", new Environment(Map.of())), null);
    }

    private static void run(Gateway gateway, List<List<Play>> queues, Map<String, Truth> truths) throws Exception {
        Semaphore some = new Semaphore(AT_ONCE);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> all = new ArrayList<>();
            for (List<Play> queue : queues) {
                some.acquire();
                all.add(threads.submit(() -> {
                    try {
                        for (Play play : queue) one(gateway, play, truths);
                    } finally {
                        some.release();
                    }
                    return null;
                }));
            }
            for (Future<?> one : all) one.get();
        }
    }

    private static void one(Gateway gateway, Play play, Map<String, Truth> truths) throws IOException {
        try (EventClient client = EventClient.post(gateway.address(), body(play.model(), play.question()))) {
            truths.put(client.stream(), play.truth());
            if (play.how().equals("left")) for (int i = 0; i < play.pieces() + 1; i++) client.next();
            else client.rest();
        }
    }
}
