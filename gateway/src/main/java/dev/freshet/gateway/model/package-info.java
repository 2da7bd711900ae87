/// The vocabulary that every package shares: ids, failures, outcomes. No I/O and no clock.
@NullMarked
package dev.freshet.gateway.model;

import org.jspecify.annotations.NullMarked;
