package dev.freshet.client;

import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Asks models, and streams what they answer. One client serves any number of calls at once, with a handful
/// of threads.
///
/// Any thread may use it. [#close] ends all of its calls.
public final class FreshetClient implements AutoCloseable {
    private final Session session;
    private final ChatOptions options;
    private final HttpClient http;
    private final @Nullable ThreadPoolExecutor threads;
    private final String base;
    private final Set<Call> calls = ConcurrentHashMap.newKeySet();

    private FreshetClient(Builder builder) {
        base = builder.base;
        options = builder.options;
        HttpClient given = builder.http;
        if (given == null) {
            ThreadPoolExecutor own = threads();
            threads = own;
            http = builder.http(own);
            session = session(builder, own);
        } else {
            http = given;
            ThreadPoolExecutor own = given.executor().isPresent() ? null : threads();
            threads = own;
            session = session(builder, own == null ? given.executor().get() : own);
        }
    }

    private Session session(Builder builder, Executor executor) {
        return new Session(http, executor, base, builder.key, Map.copyOf(builder.headers));
    }

    /// A bounded number of threads, which end when there is nothing to do.
    private static ThreadPoolExecutor threads() {
        int most = Math.max(8, 2 * Runtime.getRuntime().availableProcessors());
        AtomicInteger number = new AtomicInteger();
        ThreadPoolExecutor threads =
                new ThreadPoolExecutor(most, most, 5, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "freshet-client-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }

    /// A client with everything as it is by default.
    ///
    /// @param base the API's, usually ending in `/v1`
    /// @param key sent as a Bearer; empty for none
    /// @throws IllegalArgumentException as [#builder]
    public static FreshetClient of(String base, String key) {
        return builder(base).key(key).build();
    }

    /// @param base the API's, usually ending in `/v1`
    /// @throws IllegalArgumentException where it is no http or https address, or holds a password
    public static Builder builder(String base) {
        return new Builder(base);
    }

    /// How a client is made. Not thread-safe.
    public static final class Builder {
        private static final Duration CONNECT = Duration.ofSeconds(10);

        private final String base;
        private String key = "";
        private Duration connect = CONNECT;
        private ChatOptions options = ChatOptions.DEFAULT;
        private final Map<String, String> headers = new LinkedHashMap<>();
        private @Nullable HttpClient http;
        private @Nullable ProxySelector proxy;

        private Builder(String base) {
            URI uri;
            try {
                uri = URI.create(base);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "the address is no URI; it looks like https://api.example.com/v1", e);
            }
            String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
            if ((!scheme.equals("http") && !scheme.equals("https")) || uri.getHost() == null)
                throw new IllegalArgumentException(
                        "the address is no http or https one, like https://api.example.com/v1");
            if (uri.getUserInfo() != null || uri.getQuery() != null || uri.getFragment() != null)
                throw new IllegalArgumentException(
                        "the address has more than host and path; the key has a method of its own");
            this.base = base.endsWith("/") ? base.substring(0, base.length() - 1) : base;
        }

        /// The Bearer of every request. It never shows in a text of this library's.
        public Builder key(String bearer) {
            key = bearer.strip();
            return this;
        }

        /// The longest time to connect; 10 seconds unless told otherwise. A client of your own brings its own.
        public Builder connect(Duration limit) {
            connect = limit;
            return this;
        }

        /// How calls behave that bring no options of their own.
        public Builder options(ChatOptions all) {
            options = all;
            return this;
        }

        /// A header of every request.
        public Builder header(String name, String value) {
            headers.put(name, value);
            return this;
        }

        /// Which proxy leads to the server; unless told otherwise, the one of the JDK's system properties.
        public Builder proxy(ProxySelector selector) {
            proxy = selector;
            return this;
        }

        /// A client of your own, with its proxy, TLS, HTTP version and connect limit. It is not closed with
        /// this one.
        public Builder httpClient(HttpClient client) {
            http = client;
            return this;
        }

        /// Makes the client. No connection is made yet.
        public FreshetClient build() {
            return new FreshetClient(this);
        }

        private HttpClient http(Executor executor) {
            HttpClient.Builder builder =
                    HttpClient.newBuilder().connectTimeout(connect).executor(executor);
            if (proxy != null) builder.proxy(proxy);
            return builder.build();
        }

        /// Shows no key and no header's value.
        @Override
        public String toString() {
            return "FreshetClient.Builder[" + base + "]";
        }
    }

    /// Asks, and gives the answer as it comes, to be read by one thread.
    public ChatStream stream(ChatRequest request) {
        return stream(request, options);
    }

    /// As [#stream(ChatRequest)], with options of its own.
    public ChatStream stream(ChatRequest request, ChatOptions own) {
        return stream(request, own, state -> {});
    }

    /// As [#stream(ChatRequest)], with someone who hears of the connection. It runs on the client's
    /// threads, and must not block.
    public ChatStream stream(ChatRequest request, ChatOptions own, Consumer<ChatState> states) {
        ChatStream stream = new ChatStream(states);
        stream.start(call(request, own, stream.receiver()));
        return stream;
    }

    /// Asks, and calls the listener as the answer comes.
    public ChatCall start(ChatRequest request, ChatListener listener) {
        return start(request, options, listener);
    }

    /// As [#start(ChatRequest, ChatListener)], with options of its own.
    public ChatCall start(ChatRequest request, ChatOptions own, ChatListener listener) {
        Call call = call(request, own, new ListenerReceiver(listener));
        call.request(Long.MAX_VALUE);
        call.start();
        return call;
    }

    /// Asks when someone subscribes, and gives chunks as fast as they are asked for: what is not, stays
    /// with the server. Only one may subscribe, because asking twice is billed twice. Cancelling the
    /// subscription ends the call.
    public ChatPublisher publisher(ChatRequest request) {
        return publisher(request, options);
    }

    /// As [#publisher(ChatRequest)], with options of its own.
    public ChatPublisher publisher(ChatRequest request, ChatOptions own) {
        return new ChatPublisher(receiver -> call(request, own, receiver));
    }

    /// Asks, and waits for the whole answer; it is streamed all the same, so the limits watch it.
    ///
    /// @throws ChatException where it fails
    public Answer ask(ChatRequest request) {
        return ask(request, options);
    }

    /// As [#ask(ChatRequest)], with options of its own.
    public Answer ask(ChatRequest request, ChatOptions own) {
        try (ChatStream stream = stream(request, own)) {
            return stream.answer();
        }
    }

    /// The models that the server offers.
    ///
    /// @throws ChatException where it does not say
    public List<String> models() {
        return new ModelList(session).read();
    }

    private Call call(ChatRequest request, ChatOptions own, Receiver receiver) {
        Call call = new Call(session, request, own, receiver);
        calls.add(call);
        call.ended(() -> calls.remove(call));
        return call;
    }

    /// How many calls run.
    public int running() {
        return calls.size();
    }

    /// Cancels what runs, and lets go of connections and threads.
    @Override
    public void close() {
        calls.forEach(Call::cancel);
        if (threads == null) return;
        // From Java 21 on a client of the JDK's can be closed; before, it ends when nobody holds it.
        Object closing = http;
        if (closing instanceof AutoCloseable client) {
            Thread closer = new Thread(() -> close(client), "freshet-client-close");
            closer.setDaemon(true);
            closer.start();
        }
    }

    private static void close(AutoCloseable client) {
        try {
            client.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /// Shows no key and no header's value.
    @Override
    public String toString() {
        return "FreshetClient[" + base + "]";
    }
}
