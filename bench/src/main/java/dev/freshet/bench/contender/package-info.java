/// What is measured: no proxy, nginx, Freshet. Starts them on their core, and reads what they use.
@NullMarked
package dev.freshet.bench.contender;

import org.jspecify.annotations.NullMarked;
