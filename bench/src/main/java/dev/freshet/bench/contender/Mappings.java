package dev.freshet.bench.contender;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The memory of a process as `/proc/PID/smaps` has it.
public record Mappings(List<Mapping> all) {
    /// Addresses from `from` to `to`, and how many bytes of them are resident.
    public record Mapping(long from, long to, long resident) {}

    private static final Pattern RANGE = Pattern.compile("([0-9a-f]+)-([0-9a-f]+) .*");
    private static final Pattern RSS = Pattern.compile("Rss: +(\\d+) kB");

    /// Of that process, now.
    public static Mappings of(long pid) throws IOException {
        return from(Files.readAllLines(Path.of("/proc/" + pid + "/smaps")));
    }

    static Mappings from(List<String> lines) {
        List<Mapping> all = new ArrayList<>();
        long from = 0;
        long to = 0;
        for (String line : lines) {
            Matcher range = RANGE.matcher(line);
            Matcher rss = RSS.matcher(line);
            if (range.matches()) {
                from = Long.parseUnsignedLong(range.group(1), 16);
                to = Long.parseUnsignedLong(range.group(2), 16);
            } else if (rss.matches()) {
                all.add(new Mapping(from, to, Long.parseLong(rss.group(1)) * 1024));
            }
        }
        return new Mappings(all);
    }

    /// Bytes.
    public long resident() {
        return all.stream().mapToLong(Mapping::resident).sum();
    }

    /// Of the mappings that do not lie between the two addresses.
    long residentOutside(long from, long to) {
        return all.stream()
                .filter(m -> Long.compareUnsigned(m.to(), from) <= 0 || Long.compareUnsigned(m.from(), to) >= 0)
                .mapToLong(Mapping::resident)
                .sum();
    }
}
