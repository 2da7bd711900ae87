package dev.freshet.gateway.stream;

import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.FailureCode;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// How far a reader says that it has read: `<gen>-<number>`, or a number alone.
///
/// @param gen the letters of the log that it was read from; null where they are not said
/// @param number of the last entry that was read; 0 where none was
public record Cursor(@Nullable String gen, long number) {
    public static final Cursor START = new Cursor(null, 0);
    private static final Pattern FORM = Pattern.compile("(?:([a-z]{4,6})-)?(\\d{1,18})");

    /// @return null where the text is no cursor
    public static @Nullable Cursor parse(String text) {
        Matcher form = FORM.matcher(text);
        return form.matches() ? new Cursor(form.group(1), Long.parseLong(form.group(2))) : null;
    }

    public static Failure malformed() {
        return Failure.of(
                        FailureCode.CURSOR_MALFORMED,
                        "The cursor is not one of this gateway's; send the last event's id as it came, or none to read"
                                + " from the start.")
                .withParam("Last-Event-ID");
    }

    /// Why a log cannot be read from here on; null where it can.
    public @Nullable Failure refusal(StreamLog log) {
        boolean foreign = gen != null && !gen.equals(log.head().gen());
        if (!foreign && number <= log.readable()) return null;
        return Failure.of(
                        FailureCode.CURSOR_AHEAD,
                        "The cursor is of another stream, or ahead of this one's end; read from the start, without a"
                                + " cursor.")
                .withParam("Last-Event-ID");
    }
}
