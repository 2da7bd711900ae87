package dev.freshet.client;

import java.io.ByteArrayOutputStream;
import java.util.function.Consumer;
import java.util.zip.DataFormatException;

/// Takes the bytes of a response's body. Not thread-safe.
interface Body {
    /// @throws BodyException where they make no sense, or are too many
    void feed(byte[] bytes, int offset, int length);

    /// The bytes have ended, well or not.
    default void end() {}

    /// The bytes of a body make no sense.
    final class BodyException extends RuntimeException {
        private static final long serialVersionUID = 1;

        BodyException(String message) {
            super(message);
        }
    }

    /// A body that is taken as a whole, when it has ended.
    static Body whole(int most, Consumer<byte[]> taker) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        return new Body() {
            @Override
            public void feed(byte[] bytes, int offset, int length) {
                if (all.size() + (long) length > most) throw new BodyException("the answer is over " + most + " bytes");
                all.write(bytes, offset, length);
            }

            @Override
            public void end() {
                taker.accept(all.toByteArray());
            }
        };
    }

    /// The beginning of a body that may be long.
    static Body beginning(int most, Consumer<byte[]> taker) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        return new Body() {
            @Override
            public void feed(byte[] bytes, int offset, int length) {
                all.write(bytes, offset, Math.min(length, most - all.size()));
            }

            @Override
            public void end() {
                taker.accept(all.toByteArray());
            }
        };
    }

    /// A body in a content coding that was not asked for, and came all the same.
    ///
    /// @throws BodyException where the coding is not known
    static Body decoding(String coding, Body inner) {
        return switch (coding) {
            case "", "identity" -> inner;
            case "gzip", "x-gzip" -> inflating(Inflation.gzip(), inner);
            case "deflate" -> inflating(Inflation.deflate(), inner);
            default -> throw new BodyException("the answer is compressed (" + coding + "), and none was asked for");
        };
    }

    private static Body inflating(Inflation inflation, Body inner) {
        return new Body() {
            @Override
            public void feed(byte[] bytes, int offset, int length) {
                try {
                    inflation.feed(bytes, offset, length, inner::feed);
                } catch (DataFormatException e) {
                    throw new BodyException("the answer's compression is broken");
                }
            }

            @Override
            public void end() {
                inflation.end();
                inner.end();
            }
        };
    }
}
