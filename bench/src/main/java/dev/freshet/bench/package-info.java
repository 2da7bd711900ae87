/// The benchmark of the pump: `bench/run`.
@NullMarked
package dev.freshet.bench;

import org.jspecify.annotations.NullMarked;
