package dev.freshet.cli.chat;

import dev.freshet.client.ChatException;
import dev.freshet.client.ChatRequest;
import dev.freshet.client.FreshetClient;
import dev.freshet.client.RefusedException;
import dev.freshet.client.UnreachableException;
import dev.freshet.gateway.config.ConfigException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/// Asks a server, and says what to do where it does not answer. Used by one thread.
final class Asker implements AutoCloseable {
    private static final int UNAUTHORIZED = 401;
    private static final int SHOWN = 12;

    private final Server server;
    private final FreshetClient client;
    private final Interrupts interrupts = new Interrupts();
    private boolean usage = true; // until a server refuses to be asked for it

    Asker(Server server) {
        this.server = server;
        try {
            client = FreshetClient.of(server.base(), server.key());
        } catch (IllegalArgumentException e) {
            throw new ConfigException("-u: " + e.getMessage());
        }
    }

    Interrupts interrupts() {
        return interrupts;
    }

    /// From here on nobody needs to know what answers take.
    void withoutUsage() {
        usage = false;
    }

    /// Asks, until the answer's end.
    Answering.Outcome ask(ChatRequest request, Answering answering) throws InterruptedException {
        interrupts.begin(answering);
        try {
            return answering.run(client, usage ? request.withUsage() : request);
        } finally {
            interrupts.end();
        }
    }

    /// Whether an answer failed because its usage was asked for, as a few servers refuse. It is not asked
    /// for again.
    boolean usageRefused(Answering.Outcome outcome) {
        boolean refused = usage
                && outcome.failure() instanceof RefusedException refusal
                && String.valueOf(refusal.getMessage()).contains("stream_options");
        if (refused) usage = false;
        return refused;
    }

    /// The names of the server's models.
    ///
    /// @param slow told where it takes longer than a person likes to wait for nothing
    /// @throws ChatException where the server does not say
    List<String> models(Consumer<String> slow) throws InterruptedException {
        FutureTask<List<String>> list = new FutureTask<>(client::models);
        Thread.ofVirtual().name("models").start(list);
        try {
            return list.get(1, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            slow.accept("waiting for " + server.base() + " to list its models …");
        } catch (ExecutionException e) {
            throw failure(e);
        }
        try {
            return list.get();
        } catch (ExecutionException e) {
            throw failure(e);
        }
    }

    private static RuntimeException failure(ExecutionException e) {
        return e.getCause() instanceof RuntimeException failure ? failure : new IllegalStateException(e.getCause());
    }

    /// The model to ask where none is named: the only one there is, besides `demo`.
    ///
    /// @return it, or none where there are several
    static String only(List<String> models) {
        List<String> real = models.stream().filter(name -> !name.equals("demo")).toList();
        if (real.isEmpty()) return models.isEmpty() ? "" : "demo";
        return real.size() == 1 ? real.getFirst() : "";
    }

    /// Some of the names, for a line.
    static String shown(List<String> models) {
        String names = String.join(", ", models.subList(0, Math.min(SHOWN, models.size())));
        return models.size() > SHOWN ? names + " and " + (models.size() - SHOWN) + " more" : names;
    }

    /// What failed, and what cures it.
    String said(ChatException failure) {
        String message = String.valueOf(failure.getMessage());
        if (failure instanceof UnreachableException)
            return message + "; `freshet serve` starts a gateway on this machine, -u names another server";
        if (failure.status() == UNAUTHORIZED)
            return message + (server.key().isEmpty() ? "; -k gives the key" : "; -k gives another key");
        return message;
    }

    @Override
    public void close() {
        client.close();
    }
}
