/// Counting tokens, and the ledger of what they cost.
@NullMarked
package dev.freshet.gateway.meter;

import org.jspecify.annotations.NullMarked;
