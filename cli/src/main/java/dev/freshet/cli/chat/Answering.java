package dev.freshet.cli.chat;

import dev.freshet.client.Answer;
import dev.freshet.client.ChatCall;
import dev.freshet.client.ChatException;
import dev.freshet.client.ChatListener;
import dev.freshet.client.ChatRequest;
import dev.freshet.client.ChatState;
import dev.freshet.client.Chunk;
import dev.freshet.client.FreshetClient;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One answer on its way to a view. [#run] is one thread's; all else may come from any.
///
/// What comes is drawn at once, and all that came while it was drawn is drawn together: a slow terminal delays
/// nothing, and a fast model draws no more often than one can see.
final class Answering implements ChatListener {
    /// How long it may be quiet before that is shown.
    private static final long QUIET_SECONDS = 3;

    /// What came of it.
    ///
    /// @param answer whole, stopped, or what came until it failed
    /// @param failure why it is not whole; null where it is, or was stopped
    /// @param reconnects how often a connection was lost and found again
    record Outcome(Answer answer, @Nullable ChatException failure, int reconnects) {}

    private sealed interface Event {
        record Piece(Chunk chunk) implements Event {}

        record Changed(ChatState state) implements Event {}

        record Ended(Answer answer) implements Event {}

        record Failed(ChatException failure) implements Event {}

        record Look() implements Event {}
    }

    private final View view;
    private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private @Nullable ChatCall call;
    private volatile boolean stopping;
    private volatile String typed = "";

    private String doing = "connecting";
    private long since = System.nanoTime();
    private boolean retrying;
    private int reconnects;
    private @Nullable Outcome outcome;

    Answering(View view) {
        this.view = view;
    }

    /// Asks, and shows the answer until its end.
    Outcome run(FreshetClient client, ChatRequest request) throws InterruptedException {
        ChatCall asked = client.start(request, this);
        synchronized (this) {
            call = asked;
            if (stopping) asked.cancel();
        }
        while (outcome == null) {
            Event event = events.poll(1, TimeUnit.SECONDS);
            for (; event != null; event = events.poll()) take(event);
            if (outcome == null) {
                view.status(status());
                if (!view.show()) stop();
            }
        }
        view.end();
        return outcome;
    }

    /// Ends the answer, and its upstream.
    synchronized void stop() {
        stopping = true;
        if (call != null) call.cancel();
        events.add(new Event.Look());
    }

    /// Whether it was told to stop.
    boolean stopping() {
        return stopping;
    }

    /// Shows what a person types meanwhile.
    void typed(String line) {
        typed = line;
        events.add(new Event.Look());
    }

    private void take(Event event) {
        switch (event) {
            case Event.Piece(Chunk chunk) -> {
                if (!chunk.reasoning().isEmpty()) view.reasoning(chunk.reasoning());
                if (!chunk.text().isEmpty()) view.text(chunk.text());
                doing(chunk.text().isEmpty() ? "thinking" : "");
                retrying = false;
            }
            case Event.Changed(ChatState state) -> changed(state);
            case Event.Ended(Answer answer) -> outcome = new Outcome(answer, null, reconnects);
            case Event.Failed(ChatException failure) -> outcome = new Outcome(failure.answer(), failure, reconnects);
            case Event.Look() -> {}
        }
    }

    private void changed(ChatState state) {
        switch (state) {
            case ChatState.Connecting _ -> {
                if (!retrying) doing("connecting");
            }
            case ChatState.Waiting _ -> doing("waiting for the first token");
            case ChatState.Streaming _ -> doing("");
            case ChatState.Reconnecting lost -> {
                retrying = true;
                reconnects++;
                String cause = String.valueOf(lost.cause().getMessage());
                doing(cause + "; trying again in " + Figures.seconds(lost.in()) + " (" + lost.tries() + ")");
            }
            case ChatState.Resumed _ -> doing("connected again, the answer goes on");
            case ChatState.Restarted _ -> doing("asking again");
        }
    }

    private void doing(String what) {
        doing = what;
        since = System.nanoTime();
    }

    private String status() {
        String line = typed;
        if (!line.isEmpty()) return "› " + line;
        if (stopping) return "stopping …";
        long quiet = Duration.ofNanos(System.nanoTime() - since).toSeconds();
        if (doing.isEmpty()) return quiet < QUIET_SECONDS ? "" : "nothing came for " + quiet + " s …";
        return doing + (quiet < QUIET_SECONDS ? " …" : ", for " + quiet + " s …");
    }

    @Override
    public void onChunk(Chunk chunk) {
        events.add(new Event.Piece(chunk));
    }

    @Override
    public void onState(ChatState state) {
        events.add(new Event.Changed(state));
    }

    @Override
    public void onAnswer(Answer answer) {
        events.add(new Event.Ended(answer));
    }

    @Override
    public void onFailure(ChatException failure) {
        events.add(new Event.Failed(failure));
    }
}
