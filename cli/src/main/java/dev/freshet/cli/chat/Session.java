package dev.freshet.cli.chat;

import dev.freshet.client.Answer;
import dev.freshet.client.ChatException;
import dev.freshet.client.ChatRequest;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import org.jline.reader.EndOfFileException;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.utils.AttributedString;
import org.jline.utils.AttributedStyle;
import org.jspecify.annotations.Nullable;

/// A conversation in the terminal. Used by one thread.
final class Session {
    private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);
    private static final List<String> HELP = List.of(
            "/model [NAME]   the models there are, or another one to ask",
            "/system [TEXT]  what the model is told first; off for nothing",
            "/retry          the last question again, its answer forgotten",
            "/stop           typed while an answer streams, it stops it, as Ctrl-C does",
            "/save [FILE]    the conversation as Markdown",
            "/usage          what this session took",
            "/new            another conversation",
            "/quit           the end, as Ctrl-D is",
            "A line that ends with \\ goes on, Alt-Enter begins another, \"\"\" opens and closes several.",
            "A question that begins with / is written with two.");

    private final Asker asker;
    private final Terminal terminal;
    private final PrintWriter out;
    private final Figures figures = new Figures();
    private final Prompt prompt;
    private final Conversation conversation;
    private final Deque<String> waiting = new ArrayDeque<>(); // typed while an answer streamed
    private List<String> models = List.of();
    private String rest = "";
    private boolean ended;

    /// @param model the one that was named; null to take the only one there is
    Session(Asker asker, Terminal terminal, @Nullable String model) throws IOException {
        this.asker = asker;
        this.terminal = terminal;
        out = terminal.writer();
        conversation = new Conversation(model == null ? "" : model);
        prompt = new Prompt(terminal, () -> models);
    }

    static boolean styled() {
        String noColour = System.getenv("NO_COLOR");
        return (noColour == null || noColour.isEmpty()) && Terminals.canDraw();
    }

    static String faint(String text) {
        return Rows.codes(new AttributedString(Clean.text(text), AttributedStyle.DEFAULT.faint()), styled());
    }

    /// @return the exit code
    int run() throws InterruptedException {
        terminal.handle(Terminal.Signal.INT, _ -> asker.interrupts().interrupt());
        greet();
        while (!ended) {
            try {
                String line = next();
                if (!line.isBlank()) take(line.strip());
            } catch (UserInterruptException e) {
                if (e.getPartialLine().isEmpty()) return Interrupts.INTERRUPTED;
            } catch (EndOfFileException e) {
                ended = true;
            }
        }
        return 0;
    }

    private void greet() throws InterruptedException {
        try {
            models = asker.models(this::say);
            if (conversation.model().isEmpty()) conversation.model(Asker.only(models));
        } catch (ChatException e) {
            say(asker.said(e));
        }
        String model = conversation.model();
        say(model.isEmpty() ? "Choose a model with /model NAME: " + Asker.shown(models) : "Asking " + model + ".");
        say("/help lists what there is. Ctrl-C stops an answer, Ctrl-D ends.");
    }

    private String next() {
        String line = waiting.poll();
        if (line == null) {
            String begun = rest;
            rest = "";
            return prompt.read(begun);
        }
        prompt.add(line);
        out.println(Prompt.SIGN + Clean.text(line));
        return line;
    }

    private void take(String line) throws InterruptedException {
        if (!line.startsWith("/") || line.startsWith("//")) {
            if (needsModel()) return;
            answer(conversation.ask(line.startsWith("//") ? line.substring(1) : line));
            return;
        }
        String[] parts = line.split("\\s+", 2);
        String rest = parts.length > 1 ? parts[1] : "";
        switch (parts[0]) {
            case "/model" -> model(rest);
            case "/system" -> system(rest);
            case "/retry" -> retry();
            case "/stop" -> say("Nothing streams now.");
            case "/save" -> save(rest);
            case "/usage" -> figures.session().forEach(this::say);
            case "/new" -> {
                conversation.forget();
                say("Nothing was said yet.");
            }
            case "/help" -> HELP.forEach(this::say);
            case "/quit", "/exit" -> ended = true;
            default -> say("There is no " + parts[0] + "; /help lists what there is, // begins a question with a /.");
        }
    }

    private boolean needsModel() {
        boolean needs = conversation.model().isEmpty();
        if (needs) say("Choose a model first: /model NAME");
        return needs;
    }

    private void model(String name) throws InterruptedException {
        if (name.isEmpty()) {
            try {
                models = asker.models(this::say);
                for (String one : models) say((one.equals(conversation.model()) ? "* " : "  ") + one);
            } catch (ChatException e) {
                say(asker.said(e));
            }
            return;
        }
        conversation.model(name);
        say("Asking " + name + (models.isEmpty() || models.contains(name) ? "." : ", which the server does not list."));
    }

    private void system(String text) {
        if (text.equals("off")) conversation.system("");
        else if (!text.isEmpty()) conversation.system(text);
        String system = conversation.system();
        say(system.isEmpty() ? "The model is told nothing first." : "The model is told first: " + system);
    }

    private void retry() throws InterruptedException {
        if (needsModel()) return;
        ChatRequest again = conversation.retry();
        if (again == null) say("Nothing was asked yet.");
        else answer(again);
    }

    private void answer(ChatRequest request) throws InterruptedException {
        out.println();
        Answering.Outcome outcome;
        do {
            View view = Terminals.canDraw()
                    ? new ScreenView(new Screen(out, () -> Terminals.size(terminal), styled()))
                    : new PipeView(out);
            Answering answering = new Answering(view);
            Keys keys = new Keys(terminal, answering, rest);
            try {
                outcome = asker.ask(request, answering);
            } finally {
                keys.close();
            }
            waiting.addAll(keys.lines());
            rest = keys.rest();
        } while (asker.usageRefused(outcome));
        figures.add(outcome);
        ChatException failure = outcome.failure();
        if (failure != null) say(asker.said(failure) + "; /retry asks again");
        else if (outcome.answer().ending() == Answer.Ending.COMPLETED
                || !outcome.answer().text().isEmpty()) conversation.answered(outcome.answer());
        say(Figures.of(outcome));
        out.println();
    }

    private void save(String name) {
        if (conversation.isEmpty()) {
            say("There is nothing to save yet.");
            return;
        }
        String wanted = name.isEmpty()
                ? "chat-" + LocalDateTime.now(ZoneId.systemDefault()).format(STAMP) + ".md"
                : name;
        try {
            Path file = Path.of(wanted.startsWith("~/") ? Prompt.home() + wanted.substring(1) : wanted);
            Files.writeString(file, conversation.markdown(), StandardCharsets.UTF_8, StandardOpenOption.CREATE_NEW);
            say("Saved to " + file.toAbsolutePath());
        } catch (FileAlreadyExistsException e) {
            say(wanted + " is there already; name another: /save FILE");
        } catch (IOException | InvalidPathException e) {
            say(wanted + " cannot be written (" + e.getMessage() + "); name another: /save FILE");
        }
    }

    private void say(String line) {
        out.println(faint(line));
        out.flush();
    }
}
