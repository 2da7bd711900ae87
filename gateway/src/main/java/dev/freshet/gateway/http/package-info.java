/// The downstream side: routes, reading requests, writing event streams and errors.
@NullMarked
package dev.freshet.gateway.http;

import org.jspecify.annotations.NullMarked;
