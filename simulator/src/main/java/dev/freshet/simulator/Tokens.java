package dev.freshet.simulator;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Cuts a text into pieces of the size that models' tokens have: short words with the space before them, pieces
/// of long ones, signs.
final class Tokens {
    private static final Pattern PIECE = Pattern.compile(" ?\\p{L}{1,6}| ?\\d{1,3}|\\n+| +|.", Pattern.DOTALL);

    private Tokens() {}

    static List<String> of(String text) {
        List<String> pieces = new ArrayList<>();
        Matcher matcher = PIECE.matcher(text);
        while (matcher.find()) pieces.add(matcher.group());
        return pieces;
    }
}
