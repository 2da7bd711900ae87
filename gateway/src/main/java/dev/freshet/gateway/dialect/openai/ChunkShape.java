package dev.freshet.gateway.dialect.openai;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;

/// What all but the text of a chunk looks like: the bytes before the delta's text and those after it.
///
/// A provider's chunks differ in little else, so the next chunk is mostly known by two comparisons of bytes,
/// without a parser: same beginning, same end, and between them the inside of one JSON string that is not
/// empty. Where the comparison fails nothing is concluded, and the parser looks. Immutable.
final class ChunkShape {
    private final byte[] before;
    private final byte[] after;

    /// @param from where the text begins, behind its opening quote
    /// @param to where it ends, at its closing quote
    ChunkShape(byte[] array, int offset, int length, int from, int to) {
        before = Arrays.copyOfRange(array, offset, from);
        after = Arrays.copyOfRange(array, to, offset + length);
    }

    /// The shape of a chunk that is nothing but text, where the place of the text is certain; else null.
    static @Nullable ChunkShape of(ChunkReader chunk, byte[] array, int offset, int length) {
        if (!chunk.onlyText()) return null;
        int from = offset + chunk.textFrom();
        int to = offset + chunk.textTo();
        boolean quoted = from > offset && to < offset + length && array[from - 1] == '"' && array[to] == '"';
        return quoted ? new ChunkShape(array, offset, length, from, to) : null;
    }

    /// The same of a chunk that has not been looked at yet.
    static @Nullable ChunkShape of(byte[] array, int offset, int length) {
        try (JsonParser parser = Json.parser(array, offset, length)) {
            ChunkReader chunk = new ChunkReader(parser);
            chunk.read();
            return of(chunk, array, offset, length);
        } catch (JacksonException e) {
            return null;
        }
    }

    int before() {
        return before.length;
    }

    int behind() {
        return after.length;
    }

    /// Whether this is a chunk of the same shape, with text.
    boolean matches(byte[] array, int offset, int length) {
        int from = offset + before.length;
        int to = offset + length - after.length;
        return from < to
                && Arrays.equals(before, 0, before.length, array, offset, from)
                && Arrays.equals(after, 0, after.length, array, to, offset + length)
                && insideOfString(array, from, to);
    }

    /// Whether the bytes are the inside of a JSON string: no quote ends it, and no backslash at the end escapes
    /// the quote that follows.
    private static boolean insideOfString(byte[] array, int from, int to) {
        int at = from;
        while (at < to) {
            byte b = array[at];
            if (b == '"') return false;
            at += b == '\\' ? 2 : 1;
        }
        return at == to;
    }
}
