/// The configuration: one YAML file, or none, as immutable, validated records.
@NullMarked
package dev.freshet.gateway.config;

import org.jspecify.annotations.NullMarked;
