/// A streaming client for chat completions of any server that speaks OpenAI's API, and more toward a
/// Freshet gateway.
module dev.freshet.client {
    requires dev.freshet.sse;
    requires transitive java.net.http;
    requires static transitive org.jspecify;
    requires tools.jackson.core;

    exports dev.freshet.client;
}
