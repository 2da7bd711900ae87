package dev.freshet.bench.contender;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The two cores of a run: one for the load, one for the proxy.
///
/// @param shared whether the proxy may use the load's too: to start as it does where nobody ties it down
public record Cores(int load, int proxy, boolean shared) {
    /// The first two that this process may use.
    ///
    /// @throws BenchException where there is only one
    public static Cores ofThisMachine() throws IOException {
        return firstTwo(allowed());
    }

    /// Those that this process may use (`Cpus_allowed_list`, proc(5)).
    static List<Integer> allowed() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("Cpus_allowed_list:")) {
                return parse(line.substring(line.indexOf(':') + 1).strip());
            }
        }
        throw new BenchException("/proc/self/status names no cores: this benchmark needs Linux");
    }

    static List<Integer> parse(String list) {
        List<Integer> cores = new ArrayList<>();
        for (String part : list.split(",", -1)) {
            String[] ends = part.split("-", -1);
            int last = Integer.parseInt(ends[ends.length - 1]);
            for (int core = Integer.parseInt(ends[0]); core <= last; core++) cores.add(core);
        }
        return cores;
    }

    static Cores firstTwo(List<Integer> allowed) {
        if (allowed.size() < 2) {
            throw new BenchException("this process may use one core only " + allowed
                    + ": the benchmark needs two, one for the load and one for the proxy");
        }
        return new Cores(allowed.get(0), allowed.get(1), false);
    }

    /// The same, with a proxy that may use both.
    public Cores share() {
        return new Cores(load, proxy, true);
    }

    /// As `taskset` takes them.
    String ofProxy() {
        return shared ? load + "," + proxy : Integer.toString(proxy);
    }

    /// Puts all threads of this process, and those still to come, on the load's core.
    public void pinLoad() throws IOException {
        String pid = Long.toString(ProcessHandle.current().pid());
        Commands.output("taskset", "-a", "-p", "-c", Integer.toString(load), pid);
    }
}
