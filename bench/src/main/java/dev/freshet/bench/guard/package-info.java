/// What guards cost for each piece of an answer.
@NullMarked
package dev.freshet.bench.guard;

import org.jspecify.annotations.NullMarked;
