package dev.freshet.cli;

import dev.freshet.cli.chat.ChatCommand;
import dev.freshet.gateway.config.ConfigException;
import dev.freshet.simulator.ScriptException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The `freshet` command. Exit codes: 0 done, 1 failed while running, 2 wrong usage or configuration, 130
/// stopped by Ctrl-C.
@Command(name = "freshet", description = "A streaming gateway for AI responses.")
public final class Main implements Runnable {
    private static final int FAILED = 1;
    private static final int WRONG_USAGE = 2;
    private static final List<Class<?>> COMMANDS = List.of(
            ServeCommand.class,
            ChatCommand.class,
            SimulateCommand.class,
            ValidateCommand.class,
            KeysCommand.class,
            UsageCommand.class,
            ProbeAbortCommand.class,
            VersionCommand.class,
            TrainCommand.class,
            CommandLine.HelpCommand.class);

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    private Main() {}

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "Name a command: freshet serve runs the gateway; freshet help lists all.");
    }

    public static void main(String[] arguments) {
        // A proxy's password is sent with the request for a tunnel, where the environment gives one. The JDK's own
        // client, which asks for lists of models, would not, unless told so before it is first used.
        System.setProperty("jdk.http.auth.tunneling.disabledSchemes", "");
        System.exit(run(arguments, writer(FileDescriptor.out), writer(FileDescriptor.err)));
    }

    /// Runs one command.
    ///
    /// @return the exit code
    static int run(String[] arguments, PrintWriter out, PrintWriter err) {
        return commands(arguments.length == 0 ? "" : arguments[0])
                .setOut(out)
                .setErr(err)
                .setParameterExceptionHandler((e, _) -> wrongUsage(e))
                .setExecutionExceptionHandler(Main::failed)
                .execute(arguments);
    }

    /// The named command alone, where there is one of that name: reading what all of them take costs a start 50 ms.
    private static CommandLine commands(String name) {
        CommandLine all = new CommandLine(new Main());
        List<Class<?>> named = COMMANDS.stream()
                .filter(command -> command.getAnnotation(Command.class).name().equals(name))
                .toList();
        for (Class<?> command : named.isEmpty() || name.equals("help") ? COMMANDS : named) all.addSubcommand(command);
        return all;
    }

    private static int wrongUsage(ParameterException e) {
        CommandSpec command = e.getCommandLine().getCommandSpec();
        String help = command.parent() == null ? "freshet help" : "freshet help " + command.name();
        e.getCommandLine().getErr().println("freshet: " + e.getMessage() + " (" + help + " says more)");
        return WRONG_USAGE;
    }

    /// Everything that was not expected is one line too: no stack trace reaches a person.
    private static int failed(Exception e, CommandLine command, CommandLine.ParseResult parsed) {
        boolean configuration = e instanceof ConfigException || e instanceof ScriptException;
        String message = configuration || e.getMessage() != null ? e.getMessage() : e.toString();
        command.getErr().println("freshet: " + message);
        return configuration ? WRONG_USAGE : FAILED;
    }

    private static PrintWriter writer(FileDescriptor stream) {
        return new PrintWriter(new FileOutputStream(stream), true, StandardCharsets.UTF_8);
    }
}
