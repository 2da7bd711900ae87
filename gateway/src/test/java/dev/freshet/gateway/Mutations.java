package dev.freshet.gateway;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/// Inputs for fuzzers: what is right, changed a little at random. What is random is drawn from a [Random] that its
/// maker can have again: the seed is printed, and `-Dseed=N` gives it back; `-Drounds=N` sets how many there are.
public final class Mutations {
    private static final int MOST = 4;
    private static final int LONG = 3000;

    private final Random random;
    private final List<String> pieces;

    /// @param pieces what the inputs' grammar is made of
    public Mutations(Random random, List<String> pieces) {
        this.random = random;
        this.pieces = pieces;
    }

    /// Prints the seed.
    public static Random random(String test) {
        long seed = Long.getLong("seed", System.nanoTime());
        System.out.println(test + ": -Dseed=" + seed);
        return new Random(seed);
    }

    /// How many inputs are tried.
    public static int rounds(int usual) {
        return Integer.getInteger("rounds", usual);
    }

    /// The input with one to four changes.
    public byte[] of(byte[] input) {
        byte[] changed = input;
        for (int changes = 1 + random.nextInt(MOST); changes > 0; changes--) changed = change(changed);
        return changed;
    }

    public String of(String input) {
        return new String(of(input.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
    }

    private byte[] change(byte[] input) {
        int from = random.nextInt(input.length + 1);
        int to = Math.min(input.length, from + random.nextInt(12));
        return switch (random.nextInt(8)) {
            case 0 -> replaced(input, from, Math.min(from + 1, input.length), new byte[] {(byte) random.nextInt(256)});
            case 1 -> replaced(input, from, to, new byte[0]);
            case 2 -> replaced(input, from, from, Arrays.copyOfRange(input, from, to));
            case 3 -> replaced(input, from, random.nextInt(40) == 0 ? input.length : from, piece());
            case 4 -> replaced(input, from, to, piece());
            case 5 -> replaced(input, from, from, line(input));
            case 6 -> withNumber(input, from);
            default ->
                random.nextInt(10) == 0
                        ? replaced(
                                input,
                                from,
                                from,
                                "x".repeat(random.nextInt(LONG)).getBytes(StandardCharsets.US_ASCII))
                        : replaced(input, from, from, piece());
        };
    }

    private byte[] piece() {
        return pieces.get(random.nextInt(pieces.size())).getBytes(StandardCharsets.UTF_8);
    }

    /// One of its own lines.
    private byte[] line(byte[] input) {
        String[] lines = new String(input, StandardCharsets.ISO_8859_1).split("(?<=\n)", -1);
        return lines[random.nextInt(lines.length)].getBytes(StandardCharsets.ISO_8859_1);
    }

    /// The next number in it, made another one.
    private byte[] withNumber(byte[] input, int from) {
        int at = from;
        while (at < input.length && !isDigit(input[at])) at++;
        int end = at;
        while (end < input.length && isDigit(input[end])) end++;
        if (at == end) return input;
        List<String> odd =
                List.of("0", "-1", "1e9", "2147483648", "9223372036854775808", "007", "1.5", "99999999999999999999");
        return replaced(input, at, end, odd.get(random.nextInt(odd.size())).getBytes(StandardCharsets.US_ASCII));
    }

    private static boolean isDigit(byte b) {
        return b >= '0' && b <= '9';
    }

    private static byte[] replaced(byte[] input, int from, int to, byte[] by) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(input, 0, from);
        all.writeBytes(by);
        all.write(input, to, input.length - to);
        return all.toByteArray();
    }
}
