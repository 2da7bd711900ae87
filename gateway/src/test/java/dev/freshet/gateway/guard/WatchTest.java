package dev.freshet.gateway.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.config.ConfigFile;
import dev.freshet.gateway.config.Environment;
import dev.freshet.gateway.model.Channel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Several rules over the texts of one answer; holds, purses and time.
class WatchTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private static Watch watch(String... guards) {
        return watch(new Watch.Spent(0, _ -> Long.MAX_VALUE, 0), guards);
    }

    private static Watch watch(Watch.Spent spent, String... guards) {
        return new Watch(guards(guards), WatchTest::words, spent);
    }

    private static List<Guard> guards(String... guards) {
        String yaml = "guards: {"
                + IntStream.range(0, guards.length)
                        .mapToObj(i -> "g" + i + ": {" + guards[i] + "}")
                        .collect(Collectors.joining(", "))
                + "}";
        Map<String, Guard> read = ConfigFile.parse(yaml, "test.yaml", new Environment(Map.of()))
                .guards()
                .byName();
        return IntStream.range(0, guards.length)
                .mapToObj(i -> read.get("g" + i))
                .toList();
    }

    private static int words(String text) {
        return text.isBlank() ? 0 : 1;
    }

    private static @Nullable Stop said(Watch watch, String text) {
        watch.add(0, Channel.VISIBLE, 0, text, 0);
        return watch.next();
    }

    private static String rule(@Nullable Stop stop) {
        return stop == null ? "none" : stop.guard().name() + "." + stop.rule();
    }

    @Test
    void theVerdictAtTheEarliestCharacterCountsThenTheRulesOrder() {
        String[] guards = {
            "stop_when: [{id: late, contains: [world]}, {id: early, contains: [hello]}]",
            "stop_when: [{id: same, contains: [hello]}]"
        };
        assertThat(rule(said(watch(guards), "hello world"))).isEqualTo("g0.early");
        Watch watch = watch(guards);
        watch.add(0, Channel.VISIBLE, 0, "hello world", 0);
        List<String> all =
                IntStream.range(0, 4).mapToObj(_ -> rule(watch.next())).toList();
        assertThat(all).containsExactly("g0.early", "g1.same", "g0.late", "none");
    }

    @Test
    void whatIsIgnoredIsNotToldAgainNotEvenOfAnotherText() {
        Watch watch = watch("stop_when: [{contains: [a]}]");
        Stop stop = said(watch, "a");
        assertThat(stop).isNotNull();
        watch.ignore(Objects.requireNonNull(stop));
        watch.add(1, Channel.VISIBLE, 0, "a", 0);
        assertThat(watch.next()).isNull();
    }

    @Test
    void textsOfChoicesCallsAndChannelsAreKeptApart() {
        Watch watch = watch("channel: all, stop_when: [{contains: [ab]}]");
        watch.add(0, Channel.VISIBLE, 0, "a", 0);
        watch.add(1, Channel.VISIBLE, 0, "b", 0);
        watch.add(0, Channel.REASONING, 0, "b", 0);
        watch.add(0, Channel.TOOL_ARGUMENTS, 0, "a", 0);
        watch.add(0, Channel.TOOL_ARGUMENTS, 1, "b", 0);
        assertThat(watch.next()).isNull();
        watch.add(0, Channel.TOOL_ARGUMENTS, 0, "b", 0);
        assertThat(rule(watch.next())).isEqualTo("g0.contains");
    }

    @Test
    void theTailThatMayBecomeAPhraseIsNotSafe() {
        Watch watch = watch("stop_when: [{contains: [guaranteed returns]}]");
        Text text = watch.add(0, Channel.VISIBLE, 0, "it is guar", 0);
        assertThat(text.safe()).isEqualTo("it is ".length());
        watch.add(0, Channel.VISIBLE, 0, "ded", 0);
        assertThat(text.safe()).isEqualTo(text.length());
    }

    @Test
    void aHoldEndsWithTokensOrTimeAndSeveralWithTheLast() {
        Watch tokens = watch("hold: {tokens: 3}, stop_when: [{contains: [x]}]");
        assertThat(tokens.holds(0)).isTrue();
        said(tokens, "one two thr");
        assertThat(tokens.holds(100 * SECOND)).isTrue();
        said(tokens, "ee ");
        assertThat(tokens.holds(0)).as("the third word is over").isFalse();
        Watch time = watch(
                "hold: {time: 2s}, stop_when: [{contains: [x]}]",
                "hold: {tokens: 2, time: 5s}, stop_when: [{contains: [x]}]");
        assertThat(time.holds(9 * SECOND))
                .as("the time counts from the first delta")
                .isTrue();
        time.add(0, Channel.REASONING, 0, "a", 10 * SECOND);
        assertThat(time.holds(13 * SECOND)).isTrue();
        assertThat(time.holds(15 * SECOND)).isFalse();
        Watch ended = watch("hold: {tokens: 50}, stop_when: [{contains: [x]}]");
        said(ended, "one");
        ended.end();
        assertThat(ended.holds(0)).isFalse();
    }

    @Test
    void aPurseCountsTokensOfAllTextsAndOfEarlierAttempts() {
        String guard = "stop_when: [{id: purse, spend: {tokens: 10}}]";
        Watch watch = watch(new Watch.Spent(6, _ -> Long.MAX_VALUE, 0), guard);
        watch.add(0, Channel.VISIBLE, 0, "one two three", 0);
        watch.add(0, Channel.REASONING, 0, "four five", 0);
        assertThat(watch.next()).isNull();
        watch.add(0, Channel.REASONING, 0, " six", 0);
        Stop stop = watch.next();
        assertThat(rule(stop)).isEqualTo("g0.purse");
        assertThat(Objects.requireNonNull(stop).kind()).isEqualTo(Stop.Kind.PURSE);
    }

    @Test
    void aPurseOfMoneyBuysSoManyTokens() {
        String guard = "stop_when: [{id: purse, spend: {usd: 0.02}}]";
        Watch.Spent price = new Watch.Spent(0, nanoUsd -> nanoUsd / 5_000_000, 0);
        assertThat(rule(said(watch(price, guard), "one two three four"))).isEqualTo("none");
        assertThat(rule(said(watch(price, guard), "one two three four five"))).isEqualTo("g0.purse");
        assertThat(rule(said(watch(guard), "one two three four five")))
                .as("no price")
                .isEqualTo("none");
    }

    @Test
    void timeSilenceAndPaceAreWatched() {
        Watch time = watch("stop_when: [{id: t, spend: {time: 90s}}]");
        assertThat(time.late(89 * SECOND)).isNull();
        Stop over = time.late(90 * SECOND);
        assertThat(rule(over)).isEqualTo("g0.t");
        assertThat(Objects.requireNonNull(over).kind()).isEqualTo(Stop.Kind.PURSE);
        Watch stall = watch("stop_when: [{id: s, spend: {stall: 3s}}]");
        assertThat(stall.late(100 * SECOND)).as("before the first token").isNull();
        stall.add(0, Channel.VISIBLE, 0, "a", 100 * SECOND);
        assertThat(stall.late(102 * SECOND)).isNull();
        Stop silent = stall.late(103 * SECOND);
        assertThat(Objects.requireNonNull(silent).kind()).isEqualTo(Stop.Kind.PACE);
        Watch pace = watch("stop_when: [{id: p, spend: {tokens_per_second_below: 2}}]");
        pace.add(0, Channel.VISIBLE, 0, "a b c d e f g h i j k l m ", 0);
        assertThat(pace.late(4 * SECOND)).isNull();
        assertThat(pace.late(5 * SECOND)).as("twelve in five seconds").isNull();
        pace.add(0, Channel.VISIBLE, 0, "n o p ", 9 * SECOND);
        assertThat(rule(pace.late(10 * SECOND))).as("three in five seconds").isEqualTo("g0.p");
    }

    /// With all detectors at once, over a long text, however it is cut.
    @Test
    void aVerdictDoesNotDependOnCutsWithAllRulesAtOnce() {
        String guard =
                "stop_when: [{id: a, contains: [needle one], within_tokens: 900}, {id: b, matches: \"needle [t-z]\\\\w+\"},"
                        + " {id: c, repeat: {copies: 4, span: 96}}, {id: d, language: {expect: [en]}}, {id: e, spend: {tokens: 1200}}]";
        long seed = Long.getLong("seed", new Random().nextLong());
        Random random = new Random(seed);
        String[] words = {
            "the", "river", "rises", "and", "of", "needle", "two", "one", "it", "is", "not", "what", "you", "see",
            "der", "und"
        };
        for (int round = 0; round < 200; round++) {
            StringBuilder text = new StringBuilder();
            int length = 20 + random.nextInt(2_000);
            for (int i = 0; i < length; i++)
                text.append(words[random.nextInt(words.length)]).append(' ');
            String whole = verdict(guard, text.toString(), text.length(), random);
            for (int size : new int[] {1, 3, 17, 200})
                assertThat(verdict(guard, text.toString(), size, random))
                        .as("-Dseed=" + seed)
                        .isEqualTo(whole);
        }
    }

    private static String verdict(String guard, String text, int most, Random random) {
        Watch watch = watch(guard);
        for (int at = 0; at < text.length(); ) {
            int to = Math.min(
                    text.length(), at + 1 + (most == 1 || most == text.length() ? most - 1 : random.nextInt(most)));
            watch.add(0, Channel.VISIBLE, 0, text.substring(at, to), 0);
            Stop stop = watch.next();
            if (stop != null) return rule(stop) + " " + stop.match() + " " + stop.words();
            at = to;
        }
        watch.end();
        return rule(watch.next());
    }

    /// Bounded time: RE2's expressions, and as many phrases as one may have.
    @Test
    void evilRulesTakeNoMoreThanTheirTime() {
        String evil =
                "stop_when: [{id: a, matches: \"(x+x+)+y\"}, {id: b, matches: \"(a?){40}a{40}\"}, {id: c, matches: \"(.*a){12}b\"}]";
        String phrases = IntStream.range(0, 10_000)
                .mapToObj(i -> "\"" + "ab".repeat(10) + i + "\"")
                .collect(Collectors.joining(","));
        for (String guard : List.of(evil, "stop_when: [{contains: [" + phrases + "]}]")) {
            Watch watch = watch(guard);
            long began = System.nanoTime();
            for (int i = 0; i < 5_000; i++) {
                watch.add(0, Channel.VISIBLE, 0, i % 2 == 0 ? "xxxx" : "abab", 0);
                watch.next();
            }
            Duration took = Duration.ofNanos(System.nanoTime() - began);
            System.out.println(guard.substring(0, 40) + "…: 5,000 deltas in " + took.toMillis() + " ms");
            assertThat(took).isLessThan(Duration.ofSeconds(30));
        }
    }

    @Test
    void tenThousandPhrasesTakeLittleMemory() {
        List<String> phrases = IntStream.range(0, 10_000)
                .mapToObj(i -> "a phrase with the number " + i * 7919L)
                .toList();
        Runtime runtime = Runtime.getRuntime();
        System.gc();
        long before = runtime.totalMemory() - runtime.freeMemory();
        Contains contains = new Contains(phrases);
        System.gc();
        long taken = runtime.totalMemory() - runtime.freeMemory() - before;
        System.out.println("10,000 phrases take " + taken / 1024 + " KiB");
        assertThat(taken).isLessThan(40L << 20);
        assertThat(contains.detector().add("this is a phrase with the number 7919"))
                .isNotNull();
    }
}
