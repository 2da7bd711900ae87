package dev.freshet.bench.contender;

/// Memory in bytes. `resident` is what the kernel counts. `live` leaves out what a Java heap holds without using it:
/// the live objects after a full collection, and all resident memory outside of the heap. For other programs the same.
public record Footprint(long resident, long live) {}
