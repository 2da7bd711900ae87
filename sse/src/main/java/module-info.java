/// The codec between bytes and server-sent events; needs nothing but `java.base`.
module dev.freshet.sse {
    requires static org.jspecify;

    exports dev.freshet.sse;
}
