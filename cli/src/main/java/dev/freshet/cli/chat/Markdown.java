package dev.freshet.cli.chat;

import java.util.ArrayList;
import java.util.List;
import org.commonmark.ext.gfm.tables.TableBlock;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Block;
import org.commonmark.node.BlockQuote;
import org.commonmark.node.BulletList;
import org.commonmark.node.Code;
import org.commonmark.node.CustomBlock;
import org.commonmark.node.Emphasis;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.HardLineBreak;
import org.commonmark.node.Heading;
import org.commonmark.node.HtmlBlock;
import org.commonmark.node.HtmlInline;
import org.commonmark.node.Image;
import org.commonmark.node.IndentedCodeBlock;
import org.commonmark.node.Link;
import org.commonmark.node.LinkReferenceDefinition;
import org.commonmark.node.Node;
import org.commonmark.node.OrderedList;
import org.commonmark.node.Paragraph;
import org.commonmark.node.SoftLineBreak;
import org.commonmark.node.StrongEmphasis;
import org.commonmark.node.Text;
import org.commonmark.node.ThematicBreak;
import org.commonmark.parser.IncludeSourceSpans;
import org.commonmark.parser.Parser;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;

/// Markdown as rows of a terminal. Unfinished Markdown is Markdown too: what is not closed yet shows as it was
/// written. Thread-safe.
final class Markdown {
    private static final int MOST_NESTED = 40;
    private static final AttributedStyle PLAIN = AttributedStyle.DEFAULT;
    private static final AttributedStyle CODE = PLAIN.foreground(AttributedStyle.CYAN);
    private static final AttributedStyle FAINT = PLAIN.faint();
    private static final AttributedString NOTHING = new AttributedString("");

    private static final Parser PARSER = Parser.builder()
            .extensions(List.of(TablesExtension.create()))
            .includeSourceSpans(IncludeSourceSpans.BLOCKS)
            .maxOpenBlockParsers(MOST_NESTED)
            .build();

    private Markdown() {}

    /// A block of the top level.
    ///
    /// @param start where it begins in the source
    /// @param rows it as rows, none of them wider than asked for
    record Part(int start, List<AttributedString> rows) {}

    /// The source's blocks, in order. Whatever is behind the source can change the last one only.
    ///
    /// @param width of the rows in columns
    static List<Part> parts(String source, int width) {
        try {
            List<Part> parts = new ArrayList<>();
            for (Node node : children(PARSER.parse(source))) {
                if (node instanceof LinkReferenceDefinition
                        || node.getSourceSpans().isEmpty()) continue;
                int start = node.getSourceSpans().getFirst().getInputIndex();
                parts.add(new Part(lineStart(source, start), block((Block) node, Math.max(8, width))));
            }
            return parts;
        } catch (StackOverflowError e) { // emphasis within emphasis, thousands deep: nobody's text, and shown as it is
            return List.of(new Part(0, plain(source, width, PLAIN)));
        }
    }

    /// Text that is no Markdown, as rows.
    static List<AttributedString> plain(String text, int width, AttributedStyle style) {
        List<AttributedString> rows = new ArrayList<>();
        for (String line : text.split("\n", -1))
            rows.addAll(Rows.wrap(new AttributedString(line.replace("\t", "    "), style), Math.max(8, width)));
        return rows;
    }

    /// A block that is indented begins with its line.
    private static int lineStart(String source, int index) {
        return source.lastIndexOf('\n', index - 1) + 1;
    }

    private static List<AttributedString> block(Block block, int width) {
        return switch (block) {
            case Heading heading -> heading(heading, width);
            case Paragraph paragraph -> text(inline(paragraph, PLAIN), width);
            case FencedCodeBlock code -> fenced(code, width);
            case IndentedCodeBlock code -> code(code.getLiteral(), "", width);
            case BlockQuote quote -> {
                AttributedString bar = new AttributedString("│ ", FAINT);
                yield Rows.prefixed(blocks(quote, Math.max(8, width - 2), true), bar, bar);
            }
            case BulletList list -> items(list, 0, width);
            case OrderedList list -> items(list, number(list), width);
            case ThematicBreak _ -> List.of(new AttributedString("─".repeat(Math.min(width, 40)), FAINT));
            case HtmlBlock html -> plain(html.getLiteral(), width, PLAIN);
            case TableBlock table -> Table.rows(table, width);
            case CustomBlock other -> text(inline(other, PLAIN), width);
            default -> blocks(block, width, true);
        };
    }

    /// The blocks within one, with empty rows between those of them that are no list's short items.
    private static List<AttributedString> blocks(Node parent, int width, boolean apart) {
        List<AttributedString> rows = new ArrayList<>();
        for (Node child : children(parent)) {
            if (!(child instanceof Block block) || child instanceof LinkReferenceDefinition) continue;
            boolean list = block instanceof BulletList || block instanceof OrderedList;
            if (!rows.isEmpty() && (apart || !list)) rows.add(NOTHING);
            rows.addAll(block(block, width));
        }
        return rows;
    }

    private static List<AttributedString> heading(Heading heading, int width) {
        AttributedStyle style = heading.getLevel() == 1 ? PLAIN.bold().underline() : PLAIN.bold();
        return text(inline(heading, style), width);
    }

    private static int number(OrderedList list) {
        Integer first = list.getMarkerStartNumber();
        return first == null ? 1 : first;
    }

    /// @param first the first item's number; 0 for bullets
    private static List<AttributedString> items(Node list, int first, int width) {
        List<AttributedString> rows = new ArrayList<>();
        boolean ordered = list instanceof OrderedList;
        int number = first;
        for (Node item : children(list)) {
            AttributedString mark = new AttributedString(ordered ? number++ + ". " : "• ", FAINT);
            AttributedString indent = new AttributedString(" ".repeat(mark.length()));
            List<AttributedString> own = blocks(item, Math.max(8, width - mark.length()), false);
            rows.addAll(Rows.prefixed(own.isEmpty() ? List.of(NOTHING) : own, mark, indent));
        }
        return rows;
    }

    /// Code stands at the left edge as it is, so that it can be copied.
    private static List<AttributedString> fenced(FencedCodeBlock code, int width) {
        String info = code.getInfo() == null ? "" : code.getInfo();
        List<AttributedString> rows = new ArrayList<>();
        rows.add(new AttributedString("```" + info, FAINT));
        if (!code.getLiteral().isEmpty()) rows.addAll(code(code.getLiteral(), info, width));
        if (code.getClosingFenceLength() != null) rows.add(new AttributedString("```", FAINT));
        return rows;
    }

    private static List<AttributedString> code(String literal, String info, int width) {
        String lines = literal.endsWith("\n") ? literal.substring(0, literal.length() - 1) : literal;
        List<AttributedString> rows = new ArrayList<>();
        for (AttributedString line : lines(CodeColours.of(lines.replace("\t", "    "), info)))
            rows.addAll(Rows.cut(line, width));
        return rows;
    }

    private static List<AttributedString> text(AttributedString text, int width) {
        List<AttributedString> rows = new ArrayList<>();
        for (AttributedString line : lines(text)) rows.addAll(Rows.wrap(line, width));
        return rows;
    }

    private static List<AttributedString> lines(AttributedString text) {
        List<AttributedString> lines = new ArrayList<>();
        String plain = text.toString();
        int start = 0;
        for (int end; (end = plain.indexOf('\n', start)) >= 0; start = end + 1) lines.add(text.subSequence(start, end));
        lines.add(text.subSequence(start, text.length()));
        return lines;
    }

    /// What is written within a block.
    static AttributedString inline(Node parent, AttributedStyle style) {
        Inline inline = new Inline(style);
        children(parent).forEach(child -> child.accept(inline));
        return inline.out.toAttributedString();
    }

    static List<Node> children(Node parent) {
        List<Node> children = new ArrayList<>();
        for (Node child = parent.getFirstChild(); child != null; child = child.getNext()) children.add(child);
        return children;
    }

    private static final class Inline extends AbstractVisitor {
        final AttributedStringBuilder out = new AttributedStringBuilder();
        private AttributedStyle style;

        Inline(AttributedStyle style) {
            this.style = style;
        }

        private void within(Node node, AttributedStyle inner) {
            AttributedStyle outer = style;
            style = inner;
            visitChildren(node);
            style = outer;
        }

        @Override
        public void visit(Text text) {
            out.append(text.getLiteral(), style);
        }

        @Override
        public void visit(StrongEmphasis strong) {
            within(strong, style.bold());
        }

        @Override
        public void visit(Emphasis emphasis) {
            within(emphasis, style.italic());
        }

        @Override
        public void visit(Code code) {
            out.append(code.getLiteral(), CODE);
        }

        @Override
        public void visit(HtmlInline html) {
            out.append(html.getLiteral(), style);
        }

        @Override
        public void visit(Link link) {
            int start = out.length();
            within(link, style.underline());
            target(start, link.getDestination());
        }

        @Override
        public void visit(Image image) {
            int start = out.length();
            within(image, style.italic());
            target(start, image.getDestination());
        }

        /// Where it leads to is always shown: text may say something else.
        private void target(int start, String destination) {
            if (!out.subSequence(start, out.length()).toString().equals(destination))
                out.append(" (" + Clean.text(destination) + ")", FAINT);
        }

        @Override
        public void visit(SoftLineBreak line) {
            out.append("\n");
        }

        @Override
        public void visit(HardLineBreak line) {
            out.append("\n");
        }
    }
}
