package dev.freshet.bench.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.bench.client.Contest.End;
import dev.freshet.bench.client.Contest.Seen;
import dev.freshet.simulator.Fault;
import dev.freshet.simulator.Simulator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/// Java clients over rows 4 to 34 of the failure model. What is seen is written in `docs/java-client.md`.
class ContendersFaultsWireTest {
    private static final int AT_ONCE = 32;
    private static final int AGAIN = 3;
    private static final List<Contender.Kind> OTHERS = Contender.ALL.subList(1, Contender.ALL.size());

    /// A line that never ends fills the memory of who has no limit, and would slow down all others: it is asked
    /// for alone, and given up soon.
    private static final Map<String, Duration> GREEDY = Map.of("fault-29", Duration.ofMillis(2_500));

    /// Faults whose answer is whole, and which ours refuses: who takes it is right too.
    private static final Map<String, Predicate<String>> WHOLE_ALL_THE_SAME =
            Map.of("fault-17-both", "1 2 3 4 5 "::equals, "fault-28", text -> text.length() > 5_000_000);

    private record Run(Contender.Kind kind, String fault) {}

    private final Map<Run, Seen> seen = new ConcurrentHashMap<>();

    /// All but Brotli that is stored as it is: to who does not know Brotli it looks like a stream, which real
    /// Brotli never does.
    private static List<Fault> faults() {
        return Simulator.faults().stream()
                .filter(fault ->
                        fault.row() >= 4 && fault.row() <= 34 && !fault.name().equals("fault-16-br"))
                .toList();
    }

    private static Duration limit(String fault) {
        return GREEDY.getOrDefault(fault, Contest.LIMIT);
    }

    @Test
    void faultsAreMetAsTheTableSays() throws Exception {
        List<Fault> faults = faults();
        DocumentedTable table = new DocumentedTable("faults", List.of("model", "what it does"));
        Map<Contender.Kind, Integer> right = new LinkedHashMap<>();
        int alike = 0;
        try (Contest contest = new Contest()) {
            runAll(contest, faults);
            for (Fault fault : faults) {
                List<String> verdicts = verdicts(contest, table, fault);
                for (int i = 0; i < OTHERS.size(); i++)
                    if (isRight(verdicts.get(i))) right.merge(OTHERS.get(i), 1, Integer::sum);
                if (verdicts.stream().allMatch(String::isEmpty)) alike++;
                else table.add(row(fault, verdicts));
            }
        }
        table.add(List.of("", alike + " more", "right", "right", "right", "right", "right"));
        List<String> sums =
                new ArrayList<>(List.of("", "**right, of " + faults.size() + "**", String.valueOf(faults.size())));
        OTHERS.forEach(kind -> sums.add(String.valueOf(right.getOrDefault(kind, 0))));
        table.add(sums);
        table.assertDocumented();
    }

    private void runAll(Contest contest, List<Fault> faults) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
            List<Future<?>> running = new ArrayList<>();
            for (Fault fault : faults) {
                if (GREEDY.containsKey(fault.name())) continue;
                for (Contender.Kind kind : Contender.ALL) {
                    Run run = new Run(kind, fault.name());
                    running.add(threads.submit(() -> seen.put(run, run(contest, run))));
                }
            }
            for (Future<?> one : running) one.get();
        }
        for (String fault : GREEDY.keySet())
            for (Contender.Kind kind : Contender.ALL) {
                Run run = new Run(kind, fault);
                seen.put(run, run(contest, run));
            }
    }

    private static Seen run(Contest contest, Run run) throws InterruptedException {
        return contest.run(run.kind(), run.fault(), limit(run.fault()));
    }

    private Seen ours(Fault fault) {
        return Objects.requireNonNull(seen.get(new Run(Contender.ALL.getFirst(), fault.name())));
    }

    /// What is different from ours, for each of the others.
    private List<String> verdicts(Contest contest, DocumentedTable table, Fault fault) throws Exception {
        Seen ours = ours(fault);
        assertThat(ours.end()).as("%s", fault).isNotEqualTo(End.NEVER);
        List<String> verdicts = new ArrayList<>();
        for (Contender.Kind kind : OTHERS) {
            Run run = new Run(kind, fault.name());
            String verdict = verdict(fault.name(), ours, Objects.requireNonNull(seen.get(run)));
            // A busy machine may have been the cause: what is not as it is written is tried again, alone.
            for (int i = 0; i < AGAIN && !table.says(name(fault), kind, verdict); i++)
                verdict = verdict(fault.name(), ours, run(contest, run));
            verdicts.add(verdict);
        }
        return verdicts;
    }

    /// What is different from ours, in words; empty for nothing.
    private static String verdict(String fault, Seen ours, Seen theirs) {
        List<String> words = new ArrayList<>();
        boolean whole = WHOLE_ALL_THE_SAME.getOrDefault(fault, _ -> false).test(theirs.text());
        if (theirs.end() == End.NEVER) words.add("**hangs**");
        else if (theirs.end() == End.WHOLE && whole) words.add("whole");
        else if (theirs.end() == End.WHOLE && ours.end() == End.FAILED) words.add("**looks whole**");
        else if (theirs.end() == End.FAILED && ours.end() == End.WHOLE) words.add("fails");
        if (theirs.end() != End.NEVER && !whole && !theirs.text().equals(ours.text())) {
            // What still comes behind a failure that was told is chance.
            if (theirs.text().startsWith(ours.text())) {
                if (theirs.end() == End.WHOLE) words.add("gives text behind the fault");
            } else if (ours.text().startsWith(theirs.text())) words.add("loses text");
            else words.add("**garbles text**");
        }
        if (theirs.asked() > ours.asked()) words.add("asks " + theirs.asked() + " times");
        return String.join(", ", words);
    }

    private static boolean isRight(String verdict) {
        return verdict.isEmpty() || verdict.equals("whole");
    }

    private static String name(Fault fault) {
        return "`" + fault.name() + "`";
    }

    private List<String> row(Fault fault, List<String> verdicts) {
        List<String> row = new ArrayList<>(List.of(name(fault), fault.what().replace("|", "/")));
        row.add(ours(fault).end() == End.WHOLE ? "whole" : "fails");
        verdicts.forEach(verdict -> row.add(verdict.isEmpty() ? "right" : verdict));
        return row;
    }
}
