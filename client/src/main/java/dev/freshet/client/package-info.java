/// A client for streamed answers of language models: any server of OpenAI's chat API, and a Freshet
/// gateway, toward which a lost connection loses nothing.
///
/// [FreshetClient][dev.freshet.client.FreshetClient] is where to begin; its `stream` gives an answer's text
/// as it comes.
///
/// Types are immutable and safe in any thread, where they do not say something else.
@NullMarked
package dev.freshet.client;

import org.jspecify.annotations.NullMarked;
