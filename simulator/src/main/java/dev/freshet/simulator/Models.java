package dev.freshet.simulator;

import dev.freshet.simulator.TokenScript.Speech;
import java.time.Duration;
import java.util.AbstractList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The models that the simulator has: scripts by name, numbered tokens, faults, and the demo model under every
/// other name.
final class Models {
    static final String DEMO = "demo";

    /// Where the demo falls silent when it is asked to, and for how long: for good, as far as anybody waits.
    private static final int STALLS_AT = 34;

    private static final Duration STALL = Duration.ofHours(1);
    private static final Pattern TOKENS = Pattern.compile("tokens-(\\d{1,7})(?:-at-(\\d{1,5}))?");

    /// What the models begin with that show what becomes of an answer whose client leaves.
    static final String ABORT = "abort-";

    static final int ABORT_TOKENS = 300;
    static final Duration ABORT_PACE = Duration.ofMillis(5);
    private static final Pattern ABORTS = Pattern.compile(ABORT + "(stops|goes-on|bills)");

    private final Map<String, Script> scripts = new ConcurrentHashMap<>();

    void put(String name, Script script) {
        scripts.put(name, script);
    }

    /// Whether a model is known by this very name.
    boolean has(String name) {
        return name.equals(DEMO)
                || scripts.containsKey(name)
                || TOKENS.matcher(name).matches()
                || ABORTS.matcher(name).matches()
                || Faults.script(name).isPresent();
    }

    /// The names of the models that can be counted: numbered tokens and faults left out.
    List<String> names() {
        List<String> scripted = scripts.keySet().stream().sorted().toList();
        return Stream.concat(Stream.of(DEMO), scripted.stream()).toList();
    }

    Script script(String name) {
        return Optional.ofNullable(scripts.get(name))
                .or(() -> numbered(name))
                .or(() -> aborted(name))
                .or(() -> Faults.script(name))
                .orElse(new TokenScript(Models::demo));
    }

    /// `tokens-N`: the tokens "1 " to "N ", so that a lost or repeated one shows. `tokens-N-at-R`: R of them a
    /// second.
    private static Optional<Script> numbered(String name) {
        Matcher matcher = TOKENS.matcher(name);
        if (!matcher.matches()) return Optional.empty();
        int count = Integer.parseInt(matcher.group(1));
        int rate = matcher.group(2) == null ? 0 : Integer.parseInt(matcher.group(2));
        Duration pace = rate == 0 ? Duration.ZERO : Duration.ofNanos(1_000_000_000L / rate);
        return Optional.of(new TokenScript(_ -> new Speech(List.of(), new Numbers(count), Duration.ZERO, _ -> pace)));
    }

    /// `abort-stops`, `abort-goes-on`, `abort-bills`: three hundred tokens, 200 of them a second; [Meters] has the
    /// rest.
    private static Optional<Script> aborted(String name) {
        if (!ABORTS.matcher(name).matches()) return Optional.empty();
        Speech speech = new Speech(List.of(), new Numbers(ABORT_TOKENS), ABORT_PACE, _ -> ABORT_PACE);
        return Optional.of(new TokenScript(_ -> speech));
    }

    private static Speech demo(ChatCall call) {
        Demo.Saying saying = Demo.saying(call);
        // The same prompt gets the same pace: a demonstration that can be repeated.
        Random random = new Random(call.prompt().hashCode());
        boolean stalls = saying.stalls() && call.prefix().isEmpty();
        return new Speech(
                Tokens.of(saying.reasoning()),
                Tokens.of(saying.text()),
                Duration.ofMillis(250),
                token -> stalls && token == STALLS_AT ? STALL : Duration.ofMillis(15 + random.nextInt(26)),
                saying.tool());
    }

    private static final class Numbers extends AbstractList<String> {
        private final int count;

        Numbers(int count) {
            this.count = count;
        }

        @Override
        public String get(int index) {
            return (index + 1) + " ";
        }

        @Override
        public int size() {
            return count;
        }
    }
}
