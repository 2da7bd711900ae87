package dev.freshet.bench;

import dev.freshet.bench.contender.BenchException;
import dev.freshet.bench.report.Comparison;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// What the command line asks for.
///
/// @param contenders by their names in lower case; none for all
/// @param save write the figures into `docs/` too
/// @param freshet the command that starts Freshet, up to `serve`
record Options(Comparison comparison, Plan plan, boolean save, Set<String> contenders, List<String> freshet) {
    static final String USAGE = """
            bench/run [--disk | --ledger | --guards] [--quick] [--save] [--only NAME,…] [--freshet COMMAND]
              --disk             compare the disk store with the memory store, instead of Freshet with nginx
              --ledger           compare keys, counting and the ledger with none of them
              --guards           compare three rules on all answers with none
              --quick            one short round instead of three (about a minute)
              --save             also write the figures into docs/
              --only NAME,…      of direct, nginx, freshet; with --disk of direct, memory, disk; with --ledger of
                                 direct, bare, ledger; with --guards of direct, unguarded, guarded
              --freshet COMMAND  what starts Freshet, up to `serve` (./freshet)""";

    /// @throws BenchException where they are wrong
    static Options parse(String[] args, String launcher) {
        Deque<String> left = new ArrayDeque<>(List.of(args));
        Options options = new Options(Comparison.PUMP, Plan.WHOLE, false, Set.of(), List.of(launcher));
        while (!left.isEmpty()) options = options.with(left.remove(), left);
        return options.withContenders();
    }

    private Options with(String option, Deque<String> left) {
        return switch (option) {
            case "--disk" -> new Options(Comparison.DISK, plan, save, contenders, freshet);
            case "--guards" -> new Options(Comparison.GUARDS, plan, save, contenders, freshet);
            case "--ledger" -> new Options(Comparison.LEDGER, plan, save, contenders, freshet);
            case "--quick" -> new Options(comparison, Plan.QUICK, save, contenders, freshet);
            case "--save" -> new Options(comparison, plan, true, contenders, freshet);
            case "--only" -> new Options(comparison, plan, save, names(value(left)), freshet);
            case "--freshet" ->
                new Options(
                        comparison, plan, save, contenders, List.of(value(left).split(" +")));
            default -> throw new BenchException("unknown option " + option + "\n" + USAGE);
        };
    }

    private Options withContenders() {
        List<String> all = Contenders.order(comparison);
        if (contenders.isEmpty()) return new Options(comparison, plan, save, Set.copyOf(all), freshet);
        if (all.containsAll(contenders)) return this;
        throw new BenchException("unknown name in " + String.join(",", contenders) + "\n" + USAGE);
    }

    private static String value(Deque<String> left) {
        if (left.isEmpty()) throw new BenchException("a value is missing\n" + USAGE);
        return left.remove();
    }

    private static Set<String> names(String list) {
        return new TreeSet<>(List.of(list.split(",", -1)));
    }
}
