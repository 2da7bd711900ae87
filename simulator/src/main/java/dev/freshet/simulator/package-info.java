/// A provider of language models that runs on this machine, answers sensibly as `demo`, and misbehaves on
/// request.
@NullMarked
package dev.freshet.simulator;

import org.jspecify.annotations.NullMarked;
