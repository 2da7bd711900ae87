/// Java clients side by side: what a token costs, and what becomes of faults.
@NullMarked
package dev.freshet.bench.client;

import org.jspecify.annotations.NullMarked;
