package dev.freshet.simulator;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.function.Function;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/// Plays an answer that is a list of tokens at a pace, streamed or whole, as a provider that keeps every rule.
final class TokenScript implements Script {
    /// A whole answer takes as long as its tokens would, but nobody wants to wait for a demonstration.
    private static final Duration LONGEST_WHOLE = Duration.ofSeconds(1);

    /// What a model answers to a call.
    ///
    /// @param reasoning tokens before the others; a whole answer leaves them out
    /// @param first until the first token
    /// @param pace until the next one, by its number
    /// @param tool whose arguments the tokens are; null where they are text
    record Speech(
            List<String> reasoning,
            List<String> tokens,
            Duration first,
            IntFunction<Duration> pace,
            @Nullable String tool) {
        Speech(List<String> reasoning, List<String> tokens, Duration first, IntFunction<Duration> pace) {
            this(reasoning, tokens, first, pace, null);
        }

        /// What is left to say behind a beginning; all of it where that is not its beginning.
        Speech after(String prefix) {
            if (prefix.isEmpty() || tool != null) return this;
            int said = 0;
            int at = 0;
            while (at < tokens.size() && said < prefix.length()) {
                String token = tokens.get(at++);
                int length = Math.min(token.length(), prefix.length() - said);
                if (!prefix.startsWith(token.substring(0, length), said)) return this;
                said += token.length();
            }
            List<String> rest = new ArrayList<>(tokens.subList(at, tokens.size()));
            if (said > prefix.length()) {
                String last = tokens.get(at - 1);
                rest.addFirst(last.substring(last.length() - (said - prefix.length())));
            }
            return new Speech(List.of(), rest, first, pace);
        }

        int size() {
            return reasoning.size() + tokens.size();
        }

        /// Why it ends, where it is not cut.
        String reason() {
            return tool == null ? "stop" : "tool_calls";
        }
    }

    private final Function<ChatCall, Speech> model;

    TokenScript(Function<ChatCall, Speech> model) {
        this.model = model;
    }

    @Override
    public Iterator<Step> play(ChatCall call) {
        Speech speech = model.apply(call).after(call.prefix());
        if (!call.stream()) return whole(call, speech).iterator();
        int count = Math.min(speech.size(), call.maxTokens());
        return new Streamed(call, speech, count, count < speech.size() ? "length" : speech.reason());
    }

    private static List<Step> whole(ChatCall call, Speech speech) {
        int count = Math.min(speech.tokens().size(), call.maxTokens());
        String reason = count < speech.tokens().size() ? "length" : speech.reason();
        Duration wait = speech.first();
        for (int i = 1; i < count; i++) wait = wait.plus(speech.pace().apply(i));
        if (wait.compareTo(LONGEST_WHOLE) > 0) wait = LONGEST_WHOLE;
        String text = String.join("", speech.tokens().subList(0, count));
        Chunks.Said said = new Chunks.Said(text, speech.tool(), reason);
        String body = Chunks.of(call).whole(call.choices(), said, call.promptTokens(), count * call.choices());
        return List.of(new Step.Wait(wait), Steps.json(200, body), new Step.End());
    }

    /// Makes each step when it is its turn: thousands of answers at once cost little.
    private static final class Streamed implements Iterator<Step> {
        private final ChatCall call;
        private final Speech speech;
        private final Chunks chunks;
        private final int count;
        private final String reason;
        private final Queue<Step> next = new ArrayDeque<>();
        private int token;
        private boolean ended;

        Streamed(ChatCall call, Speech speech, int count, String reason) {
            this.call = call;
            this.speech = speech;
            this.count = count;
            this.reason = reason;
            chunks = Chunks.of(call);
            next.add(Steps.head());
            for (int i = 0; i < call.choices(); i++) next.add(Steps.event(chunks.role(i)));
        }

        @Override
        public boolean hasNext() {
            return !next.isEmpty() || !ended;
        }

        @Override
        public Step next() {
            if (next.isEmpty()) {
                if (token < count) speak();
                else end();
            }
            return next.remove();
        }

        private void speak() {
            Duration wait = token == 0 ? speech.first() : speech.pace().apply(token);
            if (wait.isPositive()) next.add(new Step.Wait(wait));
            int said = token - speech.reasoning().size();
            for (int i = 0; i < call.choices(); i++) {
                next.add(Steps.event(chunk(i, said)));
            }
            token++;
        }

        private String chunk(int choice, int said) {
            if (said < 0) return chunks.reasoning(choice, speech.reasoning().get(token));
            String piece = speech.tokens().get(said);
            if (speech.tool() == null) return chunks.text(choice, piece);
            return chunks.call(choice, said == 0 ? speech.tool() : null, piece);
        }

        private void end() {
            ended = true;
            for (int i = 0; i < call.choices(); i++) next.add(Steps.event(chunks.finish(i, reason)));
            if (call.includeUsage()) next.add(Steps.event(chunks.usage(call.promptTokens(), count * call.choices())));
            next.add(Steps.done());
            next.add(Steps.lastChunk());
            next.add(new Step.End());
        }
    }
}
