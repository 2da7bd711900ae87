/// The codec between bytes and server-sent events.
@NullMarked
package dev.freshet.sse;

import org.jspecify.annotations.NullMarked;
