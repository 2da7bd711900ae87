package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import org.junit.jupiter.api.Test;

class LogsTest {
    @Test
    void whatClientsWriteIntoSchemasReachesNoLog() {
        LoggerContext context = new LoggerContext();
        new Logs().configure(context);
        assertThat(context.getLogger("com.networknt.schema.keyword.UnknownKeywordFactory")
                        .isErrorEnabled())
                .isFalse();
        assertThat(context.getLogger("dev.freshet.gateway").isInfoEnabled()).isTrue();
        context.stop();
    }
}
