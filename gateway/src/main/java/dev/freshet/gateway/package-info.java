/// The streaming gateway. [dev.freshet.gateway.Gateway] wires it together, starts and stops it.
@NullMarked
package dev.freshet.gateway;

import org.jspecify.annotations.NullMarked;
