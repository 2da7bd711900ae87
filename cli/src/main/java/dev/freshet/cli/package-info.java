/// The `freshet` command: reads arguments, starts what they ask for, prints what a person should see.
@NullMarked
package dev.freshet.cli;

import org.jspecify.annotations.NullMarked;
