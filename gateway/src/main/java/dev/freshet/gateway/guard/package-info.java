/// Stopping early: rules that watch an answer as it comes, and say when it goes off track.
///
/// A [dev.freshet.gateway.guard.Guard] is a set of rules with what follows when one of them is broken; it is
/// immutable, and shared. A [dev.freshet.gateway.guard.Watch] is what guards know of one answer. Everything
/// here is plain synchronous code over characters: no sockets, no threads, no clock.
///
/// Whatever a rule says of an answer, it says at the same character, however the answer was cut into pieces:
/// each detector goes character by character, or gives the same result as if it did.
@NullMarked
package dev.freshet.gateway.guard;

import org.jspecify.annotations.NullMarked;
