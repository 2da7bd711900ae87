/// Logs that survive the process: a journal of what is running, and the logs of what has ended, in SQLite.
@NullMarked
package dev.freshet.gateway.stream.disk;

import org.jspecify.annotations.NullMarked;
