package dev.freshet.gateway.model;

/// Who a stream belongs to: only its owner may read, see or stop it.
///
/// @param name the key's owner, or the key itself; [#ANYONE]'s where no key is asked for
public record Owner(String name) {
    /// The owner of everything where no key is asked for: a stream's id is all the protection that it has.
    public static final Owner ANYONE = new Owner("");
}
