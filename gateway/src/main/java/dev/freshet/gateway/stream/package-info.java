/// The log that a stream is: append, number, read from a cursor.
@NullMarked
package dev.freshet.gateway.stream;

import org.jspecify.annotations.NullMarked;
