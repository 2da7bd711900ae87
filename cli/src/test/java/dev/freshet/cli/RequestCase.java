package dev.freshet.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A request of `requests.txt`, which says how it is written there. Each has models of its own, so that what comes of
/// one is not taken for another's.
///
/// @param suffix of the names of its models
/// @param answers in turn: a model's name, or a status and perhaps words of its body
/// @param text its bytes, a byte in each character
record RequestCase(String name, String suffix, List<String> answers, String text) {
    private static final Pattern REPEAT = Pattern.compile("\\{(\\d+)\\*((?:[^{}]|\\{[^}]*})*)}");

    /// All of them.
    ///
    /// @param where a word that tells the models of two runs apart
    static List<RequestCase> all(String where) throws IOException {
        List<RequestCase> all = new ArrayList<>();
        for (String part : file().split("(?m)^== ", -1)) {
            if (part.startsWith("#")) continue;
            String[] lines = part.strip().split("\n", 3);
            String suffix = "-" + where + "-" + all.size();
            List<String> answers = List.of(lines[1].substring(3).split(" \\| ", -1));
            all.add(new RequestCase(lines[0], suffix, answers, expand(lines[2].replace("\n", ""), suffix)));
        }
        return all;
    }

    private static String file() throws IOException {
        try (InputStream in = Objects.requireNonNull(RequestCase.class.getResourceAsStream("requests.txt"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String expand(String text, String suffix) {
        String body = body("one" + suffix);
        String canary = post("canary" + suffix, "?canary", "");
        String unrolled = text;
        for (Matcher inner = REPEAT.matcher(unrolled); inner.find(); inner = REPEAT.matcher(unrolled))
            unrolled = inner.replaceFirst(
                    Matcher.quoteReplacement(inner.group(2).repeat(Integer.parseInt(inner.group(1)))));
        String bytes = unescaped(unrolled)
                .replace("{POST}", head(""))
                .replace("{BODY}", body)
                .replace("{LEN}", String.valueOf(body.length()))
                .replace("{HEX}", Integer.toHexString(body.length()))
                .replace("{CANLEN}", String.valueOf(canary.length()))
                .replace("{CANHEX}", Integer.toHexString(canary.length()))
                .replace("{CANARY}", canary);
        int rest = bytes.length() - bytes.indexOf("\r\n\r\n") - 4;
        return bytes.replace("{ALL}", String.valueOf(rest));
    }

    private static String unescaped(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c != '\\') {
                bytes.write(c);
                continue;
            }
            switch (text.charAt(++i)) {
                case 'r' -> bytes.write('\r');
                case 'n' -> bytes.write('\n');
                case 't' -> bytes.write('\t');
                case '\\' -> bytes.write('\\');
                case 'x' -> {
                    bytes.write(Integer.parseInt(text, i + 1, i + 3, 16));
                    i += 2;
                }
                default -> throw new IllegalArgumentException("no escape: " + text.substring(i - 1));
            }
        }
        return bytes.toString(StandardCharsets.ISO_8859_1);
    }

    private static String head(String query) {
        return "POST /v1/chat/completions" + query
                + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    }

    private static String body(String model) {
        return "{\"model\":\"" + model + "\",\"messages\":[]}";
    }

    /// A good request for a model.
    ///
    /// @param headers more of them, each with its CR LF
    static String post(String model, String query, String headers) {
        String body = body(model);
        return head(query) + headers + "Content-Length: " + body.length() + "\r\n\r\n" + body;
    }

    /// Its bytes between two good requests; the connection ends with the second.
    String between() {
        return post("before" + suffix, "", "") + text + post("after" + suffix, "", "Connection: close\r\n");
    }

    /// Whether the gateway reads nothing after it.
    boolean refused() {
        char last = answers.getLast().charAt(0);
        return last >= '4' && last <= '9';
    }

    /// Whether an answer is not a model's.
    private static boolean bare(String answer) {
        return answer.matches("\\+?\\d.*");
    }

    /// The models that answer the bytes between the good requests.
    List<String> models() {
        return answers.stream()
                .filter(answer -> !bare(answer))
                .map(answer -> answer + suffix)
                .toList();
    }

    /// The statuses of the answers.
    List<String> statuses() {
        return answers.stream()
                .map(answer -> bare(answer) ? answer.replace("+", "").substring(0, 3) : "200")
                .toList();
    }

    /// What stands in bodies of answers that are not models'.
    List<String> words() {
        return answers.stream()
                .filter(RequestCase::bare)
                .map(answer -> answer.replaceFirst("\\+?\\d+ ?", ""))
                .toList();
    }

    @Override
    public String toString() {
        return name;
    }
}
