package dev.freshet.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.slf4j.LoggerFactory;

/// What this process logs as its own fault while it is open: every error, and what Netty warns of, which is an
/// exception that nobody took or a buffer that nobody released. Thread-safe.
final class Complaints implements AutoCloseable {
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    private final ListAppender<ILoggingEvent> seen = new ListAppender<>();

    Complaints() {
        seen.start();
        root.addAppender(seen);
    }

    private static boolean complains(ILoggingEvent event) {
        boolean netty = event.getLoggerName().startsWith("io.netty");
        return event.getLevel().isGreaterOrEqual(netty ? Level.WARN : Level.ERROR);
    }

    void none() {
        assertThat(List.copyOf(seen.list).stream()
                        .filter(Complaints::complains)
                        .map(event -> event + " "
                                + (event.getThrowableProxy() == null
                                        ? ""
                                        : event.getThrowableProxy().getClassName() + ": "
                                                + event.getThrowableProxy().getMessage() + " at "
                                                + event.getThrowableProxy().getStackTraceElementProxyArray()[0]))
                        .toList())
                .isEmpty();
    }

    @Override
    public void close() {
        root.detachAppender(seen);
    }
}
