package dev.freshet.cli.chat;

import dev.freshet.client.Answer;
import dev.freshet.client.ChatException;
import dev.freshet.client.ChatRequest;
import dev.freshet.gateway.config.ConfigException;
import dev.freshet.gateway.config.Environment;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jline.terminal.Terminal;
import org.jline.terminal.spi.SystemStream;
import org.jline.utils.Signals;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `freshet chat`: one answer, or a session.
@Command(
        name = "chat",
        description = "Stream answers into the terminal, from a gateway or any OpenAI-compatible server.",
        footer = {
            "",
            "Without -u it asks the gateway of this machine. Without -k the key comes from the environment: "
                    + "FRESHET_KEY for a gateway on this machine, a provider's own variable for its address.",
            "Into a pipe goes exactly the text. NO_COLOR=1 leaves out colours and bold."
        })
public final class ChatCommand implements Callable<Integer> {
    private static final int DONE = 0;
    private static final int FAILED = 1;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Option(
            names = {"-m", "--model"},
            paramLabel = "MODEL",
            description = "The model to ask. Not needed where there is only one.")
    @Nullable
    String model;

    @Option(
            names = {"-u", "--url"},
            paramLabel = "U",
            description = "The API's base, with /v1 or without.")
    @Nullable
    String url;

    @Option(
            names = {"-k", "--key"},
            paramLabel = "KEY",
            description = "The API's key.")
    @Nullable
    String key;

    @Parameters(
            paramLabel = "PROMPT",
            arity = "0..*",
            description = "What to ask; - reads it from standard input. Without it a session begins.")
    List<String> words = new ArrayList<>();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Environment environment = Environment.of(System.getenv(), Path.of("").toAbsolutePath());
        Server server = Server.of(url, key, environment);
        String prompt = words.isEmpty() ? "" : prompt();
        if (words.isEmpty() && !(Terminals.is(SystemStream.Input) && Terminals.is(SystemStream.Output)))
            throw usage("a session needs a terminal; give a PROMPT, or - to read it from standard input");
        try (Asker asker = new Asker(server)) {
            try {
                if (!words.isEmpty()) return once(asker, ChatRequest.of(model(asker), prompt));
                try (Terminal terminal = Terminals.open()) {
                    return new Session(asker, terminal, model).run();
                }
            } catch (ChatException e) { // the list of models was not to be had
                return failed(asker.said(e));
            }
        }
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private String prompt() throws IOException {
        List<String> parts = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        for (String word : words) {
            boolean input = word.equals("-");
            if (!text.isEmpty()) text.append(input || parts.contains("-") ? "\n\n" : " ");
            text.append(input ? input() : word);
            parts.add(word);
        }
        if (text.toString().isBlank()) throw usage("the prompt is empty");
        return text.toString();
    }

    /// Standard input without the line ends behind it.
    private String input() throws IOException {
        InputStream in = System.in;
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(in.readAllBytes()))
                    .toString()
                    .replaceFirst("\\R+$", "");
        } catch (CharacterCodingException e) {
            throw new ConfigException("standard input is no UTF-8; iconv -t UTF-8 makes it so");
        }
    }

    private String model(Asker asker) throws InterruptedException {
        if (model != null) return model;
        List<String> models = asker.models(spec.commandLine().getErr()::println);
        String only = Asker.only(models);
        if (only.isEmpty())
            throw new ConfigException("name a model with -m"
                    + (models.isEmpty() ? "; the server lists none" : ", one of " + Asker.shown(models)));
        return only;
    }

    private int once(Asker asker, ChatRequest request) throws IOException, InterruptedException {
        if (!Terminals.canDraw()) return piped(asker, request);
        try (Terminal terminal = Terminals.open()) {
            PrintWriter out = terminal.writer();
            Signals.register("INT", asker.interrupts()::interrupt);
            Answering.Outcome outcome;
            do {
                Screen screen = new Screen(out, () -> Terminals.size(terminal), Session.styled());
                View view = new ScreenView(screen);
                outcome = asker.ask(request, new Answering(view));
            } while (asker.usageRefused(outcome));
            String figures = Figures.of(outcome);
            if (!figures.isEmpty()) out.println(Session.faint(figures));
            out.flush();
            return code(asker, outcome);
        }
    }

    /// Exactly the text. What a terminal is told (usage, figures) nobody needs here, so it is not asked for.
    private int piped(Asker asker, ChatRequest request) throws InterruptedException {
        Signals.register("INT", asker.interrupts()::interrupt);
        asker.withoutUsage();
        View view = new PipeView(spec.commandLine().getOut());
        return code(asker, asker.ask(request, new Answering(view)));
    }

    private int code(Asker asker, Answering.Outcome outcome) {
        ChatException failure = outcome.failure();
        if (failure != null) return failed(asker.said(failure));
        Answer answer = outcome.answer();
        if (answer.ending() == Answer.Ending.CANCELLED)
            return asker.interrupts().interrupted() ? Interrupts.INTERRUPTED : FAILED;
        if (answer.finishReason().equals("length"))
            spec.commandLine().getErr().println("freshet: the answer ended at its limit of tokens");
        return DONE;
    }

    private int failed(String message) {
        spec.commandLine().getErr().println("freshet: " + Clean.text(message).replace('\n', ' '));
        return FAILED;
    }
}
