package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// How the chat page's files are served: compressed, with entity tags, and with headers that let them do little.
class PageWireTest {
    private static final Pattern TAG = Pattern.compile("(?i)\r\netag: (\"[^\"]+\")\r\n");

    private static Gateway gateway;

    @BeforeAll
    static void start() throws IOException {
        gateway = Gateways.withOneLoop("listen: {port: 0}\n");
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    private static String get(String path, String headers) throws IOException {
        try (Wire wire = new Wire(gateway.address())) {
            wire.send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + headers + "\r\n");
            return wire.readAllLatin();
        }
    }

    private static String tag(String answer) {
        Matcher tag = TAG.matcher(answer);
        assertThat(tag.find()).as(answer).isTrue();
        return tag.group(1);
    }

    @Test
    void thePageMayDoNoMoreThanItNeeds() throws IOException {
        assertThat(get("/", ""))
                .contains("content-type: text/html; charset=utf-8", "<title>Freshet</title>")
                .contains("X-Content-Type-Options: nosniff", "Referrer-Policy: no-referrer")
                .contains(
                        "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; connect-src"
                                + " 'self'; img-src 'self' data: blob:; font-src 'self'; base-uri 'none'; form-action"
                                + " 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types"
                                + " freshet\r\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            gzip                | true
            br, gzip            | true
            gzip;q=0.5, br      | true
            GZIP                | true
            gzip;q=0            | false
            gzip; q=0.0         | false
            br                  | false
            identity            | false
            """)
    void whoTakesGzipGetsIt(String accepted, boolean zipped) throws IOException {
        String answer = get("/chat/main.js", "Accept-Encoding: " + accepted + "\r\n");
        assertThat(answer.contains("content-encoding: gzip")).isEqualTo(zipped);
        assertThat(answer.contains("new Freshet(")).isEqualTo(!zipped);
        assertThat(answer).contains("Vary: Accept-Encoding");
    }

    /// What is compressed is another representation, so it has another tag (RFC 9110, 8.8.3.3).
    @Test
    void whatIsKnownIsNotSentAgain() throws IOException {
        String plain = tag(get("/freshet.js", ""));
        String zipped = tag(get("/freshet.js", "Accept-Encoding: gzip\r\n"));
        assertThat(zipped).isNotEqualTo(plain);
        for (String known : new String[] {plain, "W/" + plain, "\"other\", " + plain, "*"}) {
            String answer = get("/freshet.js", "If-None-Match: " + known + "\r\n");
            assertThat(answer).startsWith("HTTP/1.1 304").endsWith("\r\n\r\n");
            assertThat(tag(answer)).isEqualTo(plain);
        }
        assertThat(get("/freshet.js", "If-None-Match: " + zipped + "\r\n")).startsWith("HTTP/1.1 200");
    }
}
