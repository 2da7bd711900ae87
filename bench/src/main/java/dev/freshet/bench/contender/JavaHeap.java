package dev.freshet.bench.contender;

import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Another JVM's heap, through `jcmd`: where it lies, and how much of it is live.
public record JavaHeap(long from, long to, long live) {
    private static final Pattern ADDRESS = Pattern.compile("0x([0-9a-f]{8,16})");
    private static final Pattern TOTAL = Pattern.compile("(?m)^Total +\\d+ +(\\d+)");

    /// Runs a full collection, and looks. Never for this JVM itself: it would stand still, and not read the answer.
    public static JavaHeap afterCollection(long pid) throws IOException {
        jcmd(pid, "GC.run");
        String histogram = jcmd(pid, "GC.class_histogram");
        return from(jcmd(pid, "GC.heap_info"), histogram);
    }

    /// From what `GC.heap_info` and `GC.class_histogram` print.
    static JavaHeap from(String heapInfo, String histogram) {
        long from = -1;
        long to = 0;
        for (String line : heapInfo.lines().toList()) {
            if (line.contains("Metaspace") || line.contains("class space")) continue;
            Matcher address = ADDRESS.matcher(line);
            while (address.find()) {
                long value = Long.parseUnsignedLong(address.group(1), 16);
                if (Long.compareUnsigned(value, from) < 0) from = value;
                if (Long.compareUnsigned(value, to) > 0) to = value;
            }
        }
        Matcher total = TOTAL.matcher(histogram);
        if (to == 0 || !total.find()) throw new BenchException("jcmd's answer is not understood: " + heapInfo);
        return new JavaHeap(from, to, Long.parseLong(total.group(1)));
    }

    private static String jcmd(long pid, String command) throws IOException {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        return Commands.output(jcmd, Long.toString(pid), command);
    }
}
