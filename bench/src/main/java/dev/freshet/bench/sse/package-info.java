/// The event stream codec beside others, on the same bytes.
@NullMarked
package dev.freshet.bench.sse;

import org.jspecify.annotations.NullMarked;
