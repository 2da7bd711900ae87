/// OpenAI's chat completions: what the gateway must know of a request, of an event, and of an error.
@NullMarked
package dev.freshet.gateway.dialect.openai;

import org.jspecify.annotations.NullMarked;
