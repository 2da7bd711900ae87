package dev.freshet.gateway.dialect.openai;

import dev.freshet.gateway.model.Target;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/// A client's chat request: the little that the gateway must know, and the bytes as they came.
///
/// Unknown fields pass untouched, because members are spliced, never rewritten. Immutable; the bytes are not to
/// be written to.
/// Source: OpenAI's API reference, "Create chat completion".
public final class ChatRequest {
    private final byte[] body;
    private final Map<String, Member> members;
    private final String model;
    private final boolean stream;

    ChatRequest(byte[] body, Map<String, Member> members, String model, boolean stream) {
        this.body = body;
        this.members = members;
        this.model = model;
        this.stream = stream;
    }

    /// A top-level member: where its value stands in the bytes.
    record Member(int from, int to) {}

    /// The model's name as the client wrote it.
    public String model() {
        return model;
    }

    /// Whether the answer is asked for as an event stream.
    public boolean stream() {
        return stream;
    }

    /// The request's bytes as a target wants them: as they came where nothing must change.
    public byte[] bytesFor(Target target) {
        boolean renamed = target.model() != null && !target.model().equals(model);
        if (!renamed && !target.changesMembers()) return body;
        Map<String, String> set = new LinkedHashMap<>(target.set());
        if (renamed) set.put("model", Requests.quoted(String.valueOf(target.model())));
        return spliced(target, set);
    }

    private byte[] spliced(Target target, Map<String, String> set) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(body.length + 64);
        char separator = '{';
        for (Map.Entry<String, Member> entry : members.entrySet()) {
            String name = entry.getKey();
            if (target.drop().contains(name)) continue;
            String value = set.remove(name);
            separator = name(out, separator, target.rename().getOrDefault(name, name));
            if (value == null)
                out.write(
                        body,
                        entry.getValue().from(),
                        entry.getValue().to() - entry.getValue().from());
            else out.writeBytes(value.getBytes(StandardCharsets.UTF_8));
        }
        for (Map.Entry<String, String> added : set.entrySet()) {
            separator = name(out, separator, added.getKey());
            out.writeBytes(added.getValue().getBytes(StandardCharsets.UTF_8));
        }
        out.write('}');
        return out.toByteArray();
    }

    private static char name(ByteArrayOutputStream out, char separator, String name) {
        out.write(separator);
        out.writeBytes(Requests.quoted(name).getBytes(StandardCharsets.UTF_8));
        out.write(':');
        return ',';
    }
}
