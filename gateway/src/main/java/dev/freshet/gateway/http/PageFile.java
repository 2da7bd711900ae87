package dev.freshet.gateway.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/// A file of the chat page, or of the browser library that it stands on, from the class path.
///
/// @param compressed with gzip
/// @param hash of its bytes, for its entity tag
record PageFile(String contentType, byte[] plain, byte[] compressed, String hash) {
    /// The page itself; the others stand at the paths that its modules import.
    static final String INDEX = "chat/index.html";

    static final List<String> NAMES = List.of(
            INDEX,
            "chat/article.js",
            "chat/calls.js",
            "chat/calm.js",
            "chat/chart.js",
            "chat/code.js",
            "chat/composer.js",
            "chat/conversation.js",
            "chat/dom.js",
            "chat/files.js",
            "chat/follow.js",
            "chat/format.js",
            "chat/formula.js",
            "chat/history.js",
            "chat/list.js",
            "chat/looks.js",
            "chat/main.js",
            "chat/markdown.js",
            "chat/message.css",
            "chat/models.js",
            "chat/pace.js",
            "chat/prompts.js",
            "chat/request.js",
            "chat/runs.js",
            "chat/safe.js",
            "chat/search.js",
            "chat/settings.js",
            "chat/signin.js",
            "chat/spent.js",
            "chat/style.css",
            "chat/theme.js",
            "chat/took.js",
            "chat/transfer.js",
            "chat/transferform.js",
            "chat/tree.js",
            "chat/vendor/highlight.LICENSE.txt",
            "chat/vendor/highlight.mjs",
            "chat/vendor/idb.LICENSE.txt",
            "chat/vendor/idb.mjs",
            "chat/vendor/markdown-it.LICENSE.txt",
            "chat/vendor/markdown-it.mjs",
            "chat/vendor/purify.LICENSE.txt",
            "chat/vendor/purify.mjs",
            "chat/vendor/temml.LICENSE.txt",
            "chat/vendor/temml.mjs",
            "answer.js",
            "assembly.js",
            "error.js",
            "freshet.js",
            "random.js",
            "sse.js",
            "wait.js");

    private static final int HASH_BYTES = 12;

    /// Takes some milliseconds.
    ///
    /// @param name one of [#NAMES]
    static PageFile read(String name) {
        try (InputStream in = PageFile.class.getResourceAsStream("/dev/freshet/browser/" + name)) {
            if (in == null) throw new IllegalStateException("the page's file " + name + " is not in the program");
            byte[] bytes = in.readAllBytes();
            return new PageFile(contentType(name), bytes, compressed(bytes), hash(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String contentType(String name) {
        return switch (name.substring(name.lastIndexOf('.'))) {
            case ".html" -> "text/html; charset=utf-8";
            case ".css" -> "text/css; charset=utf-8";
            case ".js", ".mjs" -> "text/javascript; charset=utf-8";
            default -> "text/plain; charset=utf-8";
        };
    }

    private static byte[] compressed(byte[] bytes) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream(bytes.length / 2);
        try (GZIPOutputStream gzip = new GZIPOutputStream(all)) {
            gzip.write(bytes);
        }
        return all.toByteArray();
    }

    private static String hash(byte[] bytes) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(digest)
                    .substring(0, HASH_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JVM has SHA-256", e);
        }
    }
}
