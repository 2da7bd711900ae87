/// `freshet chat`: answers in the terminal, from any server that speaks OpenAI's chat API.
@NullMarked
package dev.freshet.cli.chat;

import org.jspecify.annotations.NullMarked;
