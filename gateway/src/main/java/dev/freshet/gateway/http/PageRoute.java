package dev.freshet.gateway.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/// A file of the chat page, from the class path, with headers that let it do no more than it needs.
final class PageRoute implements Route {
    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
            + " img-src 'self' data: blob:; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
            + " require-trusted-types-for 'script'; trusted-types freshet";

    private final String contentType;
    private final byte[] bytes;

    /// @param name the file's name in the page's folder
    PageRoute(String name, String contentType) {
        this.contentType = contentType;
        bytes = read(name);
    }

    private static byte[] read(String name) {
        try (InputStream in = PageRoute.class.getResourceAsStream("/dev/freshet/page/" + name)) {
            if (in == null) throw new IllegalStateException("the page's file " + name + " is not in the program");
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Role role() {
        return Role.ANYONE;
    }

    @Override
    public void serve(Request request, byte[] body, Response response) {
        response.header("Content-Security-Policy", POLICY);
        response.header("X-Content-Type-Options", "nosniff");
        response.header("Referrer-Policy", "no-referrer");
        response.header("Cache-Control", "no-cache");
        response.whole(200, contentType, bytes);
    }
}
