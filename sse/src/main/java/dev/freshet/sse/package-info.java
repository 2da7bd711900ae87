/// The codec between bytes and server-sent events (WHATWG HTML 9.2).
///
/// [SseDecoder][dev.freshet.sse.SseDecoder] is fed the bytes as they come and gives each event at once:
///
/// ```java
/// SseDecoder decoder = new SseDecoder(1 << 20, 8 << 20); // the longest line, the largest event, in bytes
/// decoder.feed(buffer, 0, count, event -> System.out.println(event.toEvent().data()));
/// ```
///
/// [SseEncoder][dev.freshet.sse.SseEncoder] goes the other way, and lets no text forge an event. The decoder
/// interprets a stream and nothing more: that a stream ended, even well, does not say that an answer is whole.
@NullMarked
package dev.freshet.sse;

import org.jspecify.annotations.NullMarked;
