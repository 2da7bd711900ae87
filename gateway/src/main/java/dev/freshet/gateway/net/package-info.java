/// What both sides share of Netty: transports and loops, listening, frames on the wire, timers.
@NullMarked
package dev.freshet.gateway.net;

import org.jspecify.annotations.NullMarked;
