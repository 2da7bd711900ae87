/// Who asks, and what they may read.
@NullMarked
package dev.freshet.gateway.access;

import org.jspecify.annotations.NullMarked;
