package dev.freshet.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ResponseReaderTest {
    private static final String HEAD = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

    private final StringBuilder body = new StringBuilder();

    @Test
    void joinsTheChunksHoweverTheBytesAreSplit() throws ProtocolException {
        byte[] response = ascii(HEAD + "3\r\none\r\n5;x=y\r\n, two\r\n1A\r\nabcdefghijklmnopqrstuvwxyz\r\n0\r\n\r\n");
        for (int split = 1; split < response.length; split++) {
            body.setLength(0);
            ResponseReader reader = new ResponseReader();
            assertThat(read(reader, Arrays.copyOf(response, split))).isFalse();
            assertThat(read(reader, Arrays.copyOfRange(response, split, response.length)))
                    .isTrue();
            assertThat(body.toString()).isEqualTo("one, twoabcdefghijklmnopqrstuvwxyz");
        }
    }

    @Test
    void readsOneResponseAfterTheOther() throws ProtocolException {
        ResponseReader reader = new ResponseReader();
        for (int i = 0; i < 2; i++) {
            reader.restart();
            assertThat(read(reader, ascii(HEAD + "1\r\nx\r\n0\r\n\r\n"))).isTrue();
        }
        assertThat(body.toString()).isEqualTo("xx");
    }

    @Test
    void refusesAnErrorAndABodyThatIsNotStreamed() {
        assertThatThrownBy(() -> read(new ResponseReader(), ascii("HTTP/1.1 502 Bad Gateway\r\n\r\n")))
                .hasMessageContaining("502 Bad Gateway");
        assertThatThrownBy(() -> read(new ResponseReader(), ascii("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")))
                .hasMessageContaining("Content-Length: 2");
    }

    @Test
    void refusesBytesAfterTheEnd() {
        assertThatThrownBy(() -> read(new ResponseReader(), ascii(HEAD + "0\r\n\r\n0")))
                .hasMessageContaining("after the response's end");
    }

    private boolean read(ResponseReader reader, byte[] bytes) throws ProtocolException {
        return reader.read(
                bytes,
                bytes.length,
                (from, at, to) -> body.append(new String(from, at, to - at, StandardCharsets.US_ASCII)));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
