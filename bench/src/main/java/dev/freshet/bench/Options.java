package dev.freshet.bench;

import dev.freshet.bench.contender.BenchException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// What the command line asks for.
///
/// @param save write the figures into `docs/` too
/// @param contenders by their names in lower case
/// @param freshet the command that starts Freshet, up to `serve`
record Options(Plan plan, boolean save, Set<String> contenders, List<String> freshet) {
    static final String USAGE = """
            bench/run [--quick] [--save] [--only NAME,…] [--freshet COMMAND]
              --quick            one short round instead of three (about a minute)
              --save             also write docs/benchmarks.md, .json and .svg
              --only NAME,…      of direct, nginx, freshet
              --freshet COMMAND  what starts Freshet, up to `serve` (./freshet)""";

    private static final Set<String> ALL = Set.of("direct", "nginx", "freshet");

    /// @throws BenchException where they are wrong
    static Options parse(String[] args, String launcher) {
        Deque<String> left = new ArrayDeque<>(List.of(args));
        Options options = new Options(Plan.WHOLE, false, ALL, List.of(launcher));
        while (!left.isEmpty()) {
            String option = left.remove();
            options = switch (option) {
                case "--quick" -> new Options(Plan.QUICK, options.save, options.contenders, options.freshet);
                case "--save" -> new Options(options.plan, true, options.contenders, options.freshet);
                case "--only" -> new Options(options.plan, options.save, names(value(left)), options.freshet);
                case "--freshet" ->
                    new Options(
                            options.plan,
                            options.save,
                            options.contenders,
                            List.of(value(left).split(" +")));
                default -> throw new BenchException("unknown option " + option + "\n" + USAGE);
            };
        }
        return options;
    }

    private static String value(Deque<String> left) {
        if (left.isEmpty()) throw new BenchException("a value is missing\n" + USAGE);
        return left.remove();
    }

    private static Set<String> names(String list) {
        Set<String> names = new TreeSet<>(List.of(list.split(",", -1)));
        if (!ALL.containsAll(names)) throw new BenchException("unknown name in " + list + "\n" + USAGE);
        return names;
    }
}
