package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Requests that are malformed, or that two readers could read differently, sent straight to the gateway between two
/// good ones.
class StrictRequestsWireTest {
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 (\\d{3}) ");
    private static final int LIMIT_MILLIS = 10_000;

    private static Canaries canaries;

    @BeforeAll
    static void start() throws IOException {
        canaries = new Canaries();
    }

    @AfterAll
    static void stop() {
        canaries.close();
    }

    static Stream<RequestCase> cases() throws IOException {
        return RequestCase.all("straight").stream();
    }

    @Test
    void thereAreManyOfThem() throws IOException {
        assertThat(cases().count()).isGreaterThanOrEqualTo(80);
        assertThat(cases().filter(RequestCase::refused).count()).isGreaterThanOrEqualTo(80);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isReadInOneWayOnlyOrRefused(RequestCase one) throws IOException {
        canaries.knows(one);
        int asked = canaries.asked().size();
        String answer = Canaries.exchange(canaries.port(), one.between(), LIMIT_MILLIS);

        List<String> models = new ArrayList<>(List.of("before" + one.suffix()));
        models.addAll(one.models());
        List<String> statuses = new ArrayList<>(List.of("200"));
        statuses.addAll(one.statuses());
        if (!one.refused()) {
            models.add("after" + one.suffix());
            statuses.add("200");
        }
        assertThat(statuses(answer)).as(answer).isEqualTo(statuses);
        assertThat(Canaries.said(answer)).as(answer).isEqualTo(models);
        assertThat(canaries.asked().stream().skip(asked)).isEqualTo(models);
        assertThat(one.words()).allSatisfy(words -> assertThat(answer).contains(words));
        // Refused or not, the gateway ends the connection, and does not reset it.
        assertThat(answer).doesNotContain(Canaries.BROKEN);
    }

    private static List<String> statuses(String answer) {
        List<String> all = new ArrayList<>();
        for (Matcher one = STATUS.matcher(answer); one.find(); ) all.add(one.group(1));
        return all;
    }
}
