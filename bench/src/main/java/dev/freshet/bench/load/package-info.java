/// The load: one thread is both the provider that writes tokens and the clients that read them. A token carries its
/// number and the time it was written, so what is read tells what was lost and what came late.
@NullMarked
package dev.freshet.bench.load;

import org.jspecify.annotations.NullMarked;
