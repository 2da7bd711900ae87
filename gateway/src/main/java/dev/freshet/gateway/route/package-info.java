/// From a model's name to the targets that can serve it, in order.
@NullMarked
package dev.freshet.gateway.route;

import org.jspecify.annotations.NullMarked;
