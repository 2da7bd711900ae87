package dev.freshet.gateway.dialect.openai;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;

/// A run of chunks that differ in nothing but a text, so that they can be read as one chunk with all of the
/// texts.
///
/// The texts stay escaped as they came, and are put behind one another inside one JSON string. Tool calls
/// never make a run. Immutable.
public final class TextRun {
    private final ChunkShape shape;

    private TextRun(ChunkShape shape) {
        this.shape = shape;
    }

    /// The run that a chunk begins; null where it is not a chunk of one text and nothing else that matters.
    public static @Nullable TextRun begin(byte[] array, int offset, int length) {
        try (JsonParser parser = Json.parser(array, offset, length)) {
            ChunkReader chunk = new ChunkReader(parser);
            chunk.read();
            ChunkShape shape = ChunkShape.of(chunk, array, offset, length);
            return shape == null || chunk.choices().cardinality() != 1 ? null : new TextRun(shape);
        } catch (JacksonException e) {
            return null;
        }
    }

    /// Whether a chunk goes on with the run.
    public boolean goesOn(byte[] array, int offset, int length) {
        return shape.matches(array, offset, length);
    }

    /// How many bytes of a chunk stand before its text.
    public int before() {
        return shape.before();
    }

    /// How many bytes of a chunk stand behind its text.
    public int behind() {
        return shape.behind();
    }
}
