/// What was measured, as a table, as JSON and as a picture.
@NullMarked
package dev.freshet.bench.report;

import org.jspecify.annotations.NullMarked;
