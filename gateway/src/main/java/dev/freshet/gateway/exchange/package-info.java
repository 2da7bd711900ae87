/// The journey of one request: attempts, the commit point, deadlines, settlement.
@NullMarked
package dev.freshet.gateway.exchange;

import org.jspecify.annotations.NullMarked;
