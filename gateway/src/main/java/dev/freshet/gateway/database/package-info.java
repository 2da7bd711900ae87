/// What the stores share: SQLite files whose schema grows, and files that only their owner may read.
@NullMarked
package dev.freshet.gateway.database;

import org.jspecify.annotations.NullMarked;
