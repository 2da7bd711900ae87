package dev.freshet.gateway.http;

import dev.freshet.gateway.access.Admission;
import dev.freshet.gateway.access.Caller;
import dev.freshet.gateway.access.Callers;
import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.FailureCode;
import dev.freshet.gateway.net.Loop;
import dev.freshet.gateway.stream.MemoryBudget;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// What the connections of one event loop share: routes, limits, and who may come at all. Immutable.
///
/// @param bodies what requests' bodies that are on their way may take together
/// @param draining whether connections are to end with what they serve now
record Server(
        Routes routes,
        OriginPolicy origins,
        Callers callers,
        Limits limits,
        MemoryBudget bodies,
        BooleanSupplier draining,
        Loop loop) {

    /// @param header all of a request's head, in bytes
    /// @param headTimeout until a head has come, from its first byte on, and until that byte on a new connection
    /// @param bodyTimeout until a body has
    /// @param writeTimeout how long a client may take nothing of what waits for it
    /// @param heartbeat how long a client of an event stream hears nothing before it gets a sign of life
    record Limits(int header, Duration headTimeout, Duration bodyTimeout, Duration writeTimeout, Duration heartbeat) {}

    /// Why a request is refused by its head alone; null where it is not.
    @Nullable
    Failure refusal(Request request, HttpRequest head) {
        if (head.decoderResult().isFailure())
            return malformed(head.decoderResult().cause());
        Failure ambiguous = SingleFields.fault(request);
        if (ambiguous != null) return ambiguous;
        Failure foreign = origins.refusal(request);
        if (foreign != null) return foreign;
        boolean preflight = request.method().equals(HttpMethod.OPTIONS);
        if (preflight && !routes.allowed(request.path()).isEmpty()) return hasBody(head) ? tooLarge(0) : null;
        Route route = routes.find(request);
        Failure stranger = stranger(request, route == null ? Role.KEY : route.role());
        if (stranger != null) return stranger;
        if (route == null) return routes.missing(request);
        if (HttpUtil.getContentLength(head, 0L) > route.maxBody()) return tooLarge(route.maxBody());
        return route.refusal(request);
    }

    private static boolean hasBody(HttpRequest head) {
        return HttpUtil.isTransferEncodingChunked(head) || HttpUtil.getContentLength(head, 0L) > 0;
    }

    private static @Nullable Failure stranger(Request request, Role role) {
        boolean readToken = role == Role.KEY_OR_READ_TOKEN && request.parameter("token") != null;
        if (role == Role.ANYONE || readToken) return null;
        return switch (request.admission()) {
            case Admission.Refused(Failure failure) -> failure;
            case Admission.Admitted(Caller caller)
            when role == Role.KEY_ITSELF && caller.token() != null ->
                Failure.of(FailureCode.FORBIDDEN, "A token may not do that; use the key that made it.");
            case Admission.Admitted _ -> null;
        };
    }

    /// @param cause why the codec refused a head or a body
    static Failure malformed(Throwable cause) {
        if (cause instanceof MalformedRequestException malformed)
            return Failure.invalid(String.valueOf(malformed.getMessage()), null);
        boolean tooLong = cause instanceof TooLongHttpHeaderException || cause instanceof TooLongHttpLineException;
        if (!tooLong) return Failure.invalid("The request is not valid HTTP/1.1; check what sends it.", null);
        return Failure.of(
                FailureCode.HEAD_TOO_LARGE,
                "The request's head is too large; send fewer or shorter headers, or raise limits.header.");
    }

    static Failure tooManyBodies() {
        return Failure.of(
                        FailureCode.OVERLOADED,
                        "Too many large requests are on their way; try again in a moment, or give the gateway more memory.")
                .withRetryAfter(Duration.ofSeconds(1))
                .asRetryable();
    }

    static Failure tooLarge(int limit) {
        String message = limit == 0
                ? "This path takes no body; send none."
                : "The body is larger than " + limit + " bytes; send less, or raise limits.body.";
        return Failure.of(FailureCode.BODY_TOO_LARGE, message);
    }
}
