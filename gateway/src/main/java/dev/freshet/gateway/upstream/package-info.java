/// The upstream side: connect, send, read, with a limit for each phase.
@NullMarked
package dev.freshet.gateway.upstream;

import org.jspecify.annotations.NullMarked;
