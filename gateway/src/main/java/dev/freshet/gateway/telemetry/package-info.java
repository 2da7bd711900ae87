/// Metrics and the one log line of each exchange.
@NullMarked
package dev.freshet.gateway.telemetry;

import org.jspecify.annotations.NullMarked;
