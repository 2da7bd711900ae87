package dev.freshet.cli.chat;

import dev.freshet.client.Answer;
import dev.freshet.client.ChatRequest;
import dev.freshet.client.Message;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What was said, ready to go on. Used by one thread.
final class Conversation {
    private String model;
    private String system = "";
    private final List<Message> messages = new ArrayList<>();
    private @Nullable String question; // the last one
    private boolean answered; // whether it and its answer are in the messages

    Conversation(String model) {
        this.model = model;
    }

    String model() {
        return model;
    }

    void model(String name) {
        model = name;
    }

    /// What the model is told before everything else; empty for nothing.
    String system() {
        return system;
    }

    void system(String text) {
        system = text;
    }

    /// The next question, after all that was said.
    ChatRequest ask(String text) {
        question = text;
        answered = false;
        ChatRequest request = ChatRequest.of(model);
        if (!system.isEmpty()) request = request.system(system);
        for (Message message : messages) request = request.message(message);
        return request.user(text);
    }

    /// The last question again; its answer is forgotten. Null where there is none.
    @Nullable
    ChatRequest retry() {
        String again = question;
        if (again == null) return null;
        if (answered) messages.subList(messages.size() - 2, messages.size()).clear();
        return ask(again);
    }

    /// The answer to the last question: a whole one, or what a person has let come of it.
    void answered(Answer answer) {
        String asked = question;
        if (asked == null || answer.choices().isEmpty()) return;
        messages.add(Message.user(asked));
        messages.add(answer.message());
        answered = true;
    }

    void forget() {
        messages.clear();
        question = null;
    }

    boolean isEmpty() {
        return messages.isEmpty();
    }

    /// All of it to keep.
    String markdown() {
        StringBuilder all = new StringBuilder();
        if (!system.isEmpty()) all.append("## System\n\n").append(system).append("\n\n");
        for (Message message : messages) {
            String who = message.role().equals("user") ? "You" : model;
            all.append("## ")
                    .append(who)
                    .append("\n\n")
                    .append(message.text().strip())
                    .append("\n\n");
        }
        return all.toString();
    }
}
