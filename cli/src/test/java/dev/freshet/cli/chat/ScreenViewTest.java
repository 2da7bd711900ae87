package dev.freshet.cli.chat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jline.utils.ScreenTerminal;
import org.junit.jupiter.api.Test;

/// Answers on a terminal, as an emulator of one shows them.
class ScreenViewTest {
    private static final String ANSWER = """
            # Streams and their ends

            A *stream* of **server-sent events** is text: each event is a line that begins with `data:`, and an empty \
            line ends it. See [the standard](https://html.spec.whatwg.org/) for all of it, or https://example.com.

            1. The first item is long enough to be broken over more than one row of the terminal, with its indent.
               - one within
               - another one
            2. The second.

            3. The third, after an empty line.

            > A quotation
            > of two lines.

            ```java
            // read until the end
            for (String line; (line = reader.readLine()) != null; ) take("a string that is much longer than the row it has");
            ```

            | Case | What | 数 |
            |:-----|:----:|---:|
            | cut  | `truncated` | 12 |
            | 长的中文单元格内容 | **bold** and a longer text in the middle of it | 3 |

            ***

            日本語の文章は空白がないので、どこでも折り返すことができます。それでも表示幅は二倍です。 😀 e\u0301

                indented code

            Last words, without an end""";

    /// What stands on the screen and above it, without empty rows at the end.
    private static List<String> shown(ScreenTerminal terminal, int columns, int rows) {
        List<String> all = new ArrayList<>();
        terminal.getHistory().forEach(line -> all.add(text(line, 0, line.length)));
        long[] cells = new long[columns * rows];
        terminal.dump(cells, null);
        for (int y = 0; y < rows; y++) all.add(text(cells, y * columns, (y + 1) * columns));
        while (!all.isEmpty() && all.getLast().isEmpty()) all.removeLast();
        return all;
    }

    private static String text(long[] cells, int start, int end) {
        StringBuilder text = new StringBuilder();
        for (int i = start; i < end; i++) {
            int c = ScreenTerminal.cellCodePoint(cells[i]);
            if (c != 0) text.appendCodePoint(c);
        }
        return text.toString().stripTrailing();
    }

    /// Shows pieces one after another.
    private static List<String> shown(List<String> pieces, int columns, int rows, boolean statuses) {
        ScreenTerminal terminal = new ScreenTerminal(columns, rows);
        StringWriter written = new StringWriter();
        ScreenView view =
                new ScreenView(new Screen(new PrintWriter(written), () -> new Screen.Size(columns, rows), true));
        for (String piece : pieces) {
            if (statuses) view.status("waiting for " + piece.length() + " characters …");
            view.show();
            view.status("");
            view.text(piece);
            view.show();
            terminal.write(written.toString());
            written.getBuffer().setLength(0);
        }
        view.end();
        terminal.write(written.toString());
        return shown(terminal, columns, rows);
    }

    private static List<String> split(String text, Random random, int longest) {
        List<String> pieces = new ArrayList<>();
        for (int at = 0; at < text.length(); ) {
            int end = Math.min(text.length(), at + 1 + random.nextInt(longest));
            pieces.add(text.substring(at, end));
            at = end;
        }
        return pieces;
    }

    @Test
    void anAnswerLooksTheSameHoweverItCame() {
        for (int columns : new int[] {30, 60, 100}) {
            List<String> whole = shown(List.of(ANSWER), columns, 200, false);
            for (int seed = 0; seed < 40; seed++) {
                List<String> pieces = split(ANSWER, new Random(seed), 1 + seed);
                assertThat(shown(pieces, columns, 200, seed % 2 == 0))
                        .as("%d columns, seed %d", columns, seed)
                        .isEqualTo(whole);
            }
        }
    }

    @Test
    void nothingIsLostWhereTheScreenIsSmallerThanABlock() {
        StringBuilder code = new StringBuilder("Before.\n\n```\n");
        for (int i = 0; i < 60; i++) code.append("line ").append(i).append('\n');
        code.append("```\n\nAfter.\n");
        List<String> whole = shown(List.of(code.toString()), 40, 200, false);
        for (int seed = 0; seed < 20; seed++)
            assertThat(shown(split(code.toString(), new Random(seed), 9), 40, 8, true))
                    .as("seed %d", seed)
                    .isEqualTo(whole);
    }

    @Test
    void noRowIsWiderThanTheTerminal() {
        for (int columns = 12; columns < 90; columns += 7) {
            int most = Math.max(columns, 22); // three columns of a table need that
            for (Markdown.Part part : Markdown.parts(ANSWER, columns))
                assertThat(part.rows()).allMatch(row -> row.columnLength() <= most);
        }
    }

    @Test
    void markdownIsMadeReadable() {
        assertThat(shown(List.of(ANSWER), 60, 200, false))
                .contains(
                        "Streams and their ends",
                        "• one within".indent(3).stripTrailing(),
                        "2. The second.",
                        "│ A quotation")
                .anyMatch(row -> row.contains("the standard (https://html.spec.whatwg.org/)"))
                .anyMatch(row -> row.startsWith("Case") && row.contains(" │ "))
                .contains("// read until the end", "```java")
                .noneMatch(row -> row.contains("**") || row.contains("`data:`"));
    }

    @Test
    void whatCouldCommandATerminalIsLeftOut() {
        String hostile = "a\u001b[2Jb\u001b]0;title\u0007c\u0085d\u009b31me\u202egnp.exe\rf\u0008";
        assertThat(shown(List.of("first\n\n", hostile), 60, 10, false))
                .containsExactly("first", "", "a[2Jb]0;titlecd31megnp.exef");
        assertThat(shown(List.of("```\n" + hostile), 60, 10, false)).contains("a[2Jb]0;titlecd31megnp.exef");
    }

    @Test
    void deepNestingIsShownAsItIs() {
        for (String nested :
                List.of("[".repeat(50_000), "> ".repeat(5_000) + "x", "*a ".repeat(20_000), "- ".repeat(5_000) + "x"))
            assertThat(shown(List.of(nested), 80, 24, false)).isNotEmpty();
    }

    @Test
    void reasoningComesFirstAndStays() {
        StringWriter written = new StringWriter();
        ScreenView view = new ScreenView(new Screen(new PrintWriter(written), () -> new Screen.Size(40, 20), true));
        view.reasoning("Let me ");
        view.show();
        view.reasoning("think.\n");
        view.show();
        view.text("Done.");
        view.show();
        view.end();
        ScreenTerminal terminal = new ScreenTerminal(40, 20);
        terminal.write(written.toString());
        assertThat(shown(terminal, 40, 20)).containsExactly("Let me think.", "", "Done.");
    }

    @Test
    void aNewWidthLosesNothing() {
        int[] columns = {60};
        StringWriter written = new StringWriter();
        ScreenView view =
                new ScreenView(new Screen(new PrintWriter(written), () -> new Screen.Size(columns[0], 50), true));
        view.text("one two three four five six seven eight nine ten ");
        view.show();
        columns[0] = 20;
        view.text("eleven");
        view.show();
        view.end();
        ScreenTerminal terminal = new ScreenTerminal(60, 50);
        terminal.write(written.toString());
        assertThat(shown(terminal, 60, 50))
                .containsSubsequence("one two three four", "five six seven", "eight nine ten", "eleven");
    }
}
