/// The soak: Freshet as it is served, under everything that it can do at once, for minutes; what it uses must stay
/// flat.
@NullMarked
package dev.freshet.bench.soak;

import org.jspecify.annotations.NullMarked;
