package dev.freshet.gateway.model;

import org.jspecify.annotations.Nullable;

/// One of the gateway's own keys: whose it is, and what it allows. Never its text.
///
/// @param id what logs and lists call it
/// @param name for people
/// @param owner whose streams and budgets its own are; null where the key is its own owner
/// @param team for reports
/// @param allowance what it may ask for
/// @param created in seconds since 1970
/// @param expires in seconds since 1970; null where it does not
/// @param revoked in seconds since 1970; null where it is not
public record Key(
        String id,
        String name,
        @Nullable String owner,
        @Nullable String team,
        Allowance allowance,
        long created,
        @Nullable Long expires,
        @Nullable Long revoked) {

    /// Who owns what is asked for with it.
    public Owner ownedBy() {
        return new Owner(owner != null ? owner : "key:" + id);
    }

    /// Whether it opens anything at a time.
    ///
    /// @param now in seconds since 1970
    public boolean good(long now) {
        return revoked == null && (expires == null || now < expires);
    }
}
