package dev.freshet.bench.soak;

import dev.freshet.simulator.ChatCall;
import dev.freshet.simulator.Fault;
import dev.freshet.simulator.Simulator;
import dev.freshet.simulator.Step;
import dev.freshet.simulator.Steps;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/// The provider of the soak: the simulator, with answers that break, and answers that go off track. All of them count:
/// "1 2 3 …". Thread-safe.
final class Provider implements AutoCloseable {
    /// How many tokens a whole answer has.
    static final int TOKENS = 60;
    /// What goes off track says this.
    static final String OFF_TRACK = "banana";
    /// What is appended to the prompt for another try.
    static final String CORRECTION = "Only numbers.";

    /// The simulator's models that fail. A flood of megabytes would measure the loopback, one that is gone for a minute
    /// is silent as others are, and rows 35 to 37 are of HTTP/2.
    static final List<String> FAILURES = Simulator.faults().stream()
            .filter(fault -> fault.row() < 35 && !Set.of(7, 28, 29).contains(fault.row()))
            .map(Fault::name)
            .toList();

    private static final int BREAKS_AFTER = 25;
    private static final Duration READ_WITHIN = Duration.ofMillis(200);
    private static final String WHOLE = "tokens-" + TOKENS + "-at-50";

    private final Simulator simulator;

    private Provider(Simulator simulator) {
        this.simulator = simulator;
    }

    static Provider start() throws IOException {
        Provider[] self = new Provider[1];
        Simulator simulator = Simulator.builder()
                .script("breaks", call -> self[0].breaks(call))
                .script("wanders", call -> self[0].wanders(call))
                .start();
        self[0] = new Provider(simulator);
        return self[0];
    }

    String baseUri() {
        return simulator.baseUri().toString();
    }

    private Iterator<Step> breaks(ChatCall call) {
        if (!call.prefix().isEmpty()) return simulator.model(WHOLE).play(call);
        List<Step> steps = begun(BREAKS_AFTER);
        steps.add(Steps.pause(READ_WITHIN)); // a reset may overtake what was sent before it
        steps.add(Steps.reset());
        return steps.iterator();
    }

    private Iterator<Step> wanders(ChatCall call) {
        if (call.prompt().contains(CORRECTION)) return simulator.model(WHOLE).play(call);
        List<Step> steps = begun(2);
        steps.addAll(List.of(Steps.text(OFF_TRACK), Steps.hang()));
        return steps.iterator();
    }

    private static List<Step> begun(int tokens) {
        List<Step> steps = new ArrayList<>(List.of(Steps.head(), Steps.role()));
        for (int i = 1; i <= tokens; i++) steps.add(Steps.text(i + " "));
        return steps;
    }

    /// What Freshet is configured with: every feature at once.
    ///
    /// @param keyHash the hash of the callers' key
    String configuration(int port, String keyHash) {
        String up = "targets: [{provider: up, model: %s}], timeouts: {first_token: 20s, idle: 20s, total: 60s}, "
                + "retry: {attempts: 2, base: 10ms, max: 100ms}";
        return """
                listen: {host: 127.0.0.1, port: %d}
                access: keys
                keys: [{name: soak, hash: "%s", owner: soak, rpm: 1000000, tpm: 900000000, streams: 2000, budget: 1000000usd/day}]
                providers: {up: {base_url: "%s", prefill: {field: prefix}}}
                prices: prices.yaml
                guards:
                  g:
                    hold: {tokens: 5}
                    stop_when: [{id: c, contains: [%s]}, {id: r, repeat: {copies: 4, span: 96}}]
                    then: {retry: {append: "%s"}}
                models:
                  whole: {%s, guards: [g]}
                  breaks: {%s, continue: prefill}
                  wanders: {%s, guards: [g]}
                %s
                streams: {store: disk, keep: 15s, heartbeat: 1s}
                limits: {write_timeout: 5s, drain: 5s, streams_per_key: 2000}
                """.formatted(
                port,
                keyHash,
                baseUri(),
                OFF_TRACK,
                CORRECTION,
                up.formatted(WHOLE),
                up.formatted("breaks"),
                up.formatted("wanders"),
                String.join("\n", FAILURES.stream().map(Provider::failing).toList()));
    }

    /// By name: `serve` has models of these names of its own.
    private static String failing(String name) {
        return "  %s: {targets: [{provider: up, model: %s}], timeouts: {first_token: 1s, idle: 1s, total: 30s}, retry: {attempts: 2, base: 10ms, max: 100ms}}"
                .formatted(name, name);
    }

    @Override
    public void close() {
        simulator.close();
    }
}
