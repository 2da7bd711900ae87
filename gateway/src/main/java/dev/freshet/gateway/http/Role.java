package dev.freshet.gateway.http;

/// Who may ask for a route, where keys are asked for at all.
enum Role {
    /// Anybody: nothing of anybody's is shown.
    ANYONE,
    /// Who has a key, or a token of minutes.
    KEY,
    /// Who has a key itself.
    KEY_ITSELF,
    /// Who has a key, or a token that reads this one stream.
    KEY_OR_READ_TOKEN
}
