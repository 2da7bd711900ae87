package dev.freshet.gateway.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.FailureCode;
import dev.freshet.gateway.model.Model;
import dev.freshet.gateway.model.Provider;
import dev.freshet.gateway.model.Target;
import dev.freshet.gateway.model.Timeouts;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class HealthTest {
    private static final Target A = target("a", 0);
    private static final Target B = target("b", 0);
    private static final Failure BROKEN = Failure.of(FailureCode.UPSTREAM_FAILED, "m");

    private final AtomicLong clock = new AtomicLong();
    private final Health health = new Health(clock::get);

    private static Target target(String provider, double weight) {
        Provider who = new Provider(provider, URI.create("http://p.example/v1"), new Provider.Auth.None(), Map.of());
        return new Target(who, null, Map.of(), List.of(), Map.of(), weight);
    }

    private List<Target> order() {
        return health.reordered(List.of(A, B));
    }

    private void fail(int times) {
        for (int i = 0; i < times; i++) health.learn(A, BROKEN);
    }

    @Test
    void aTargetThatFailedThreeTimesInARowRestsAndIsThenTriedAgain() {
        fail(2);
        assertThat(order()).containsExactly(A, B);
        fail(1);
        assertThat(order()).containsExactly(B, A);
        clock.addAndGet(Duration.ofSeconds(5).toNanos());
        assertThat(order()).containsExactly(A, B);
        fail(1);
        clock.addAndGet(Duration.ofSeconds(9).toNanos());
        assertThat(order()).containsExactly(B, A);
    }

    @Test
    void anAnswerMakesItWellAgain() {
        fail(2);
        health.learn(A, null);
        fail(2);
        assertThat(order()).containsExactly(A, B);
    }

    @Test
    void oneThatLimitsRestsAsLongAsItAsksForAndNoMoreThanTwoMinutes() {
        health.learn(A, Failure.of(FailureCode.UPSTREAM_RATE_LIMITED, "m").withRetryAfter(Duration.ofSeconds(30)));
        clock.addAndGet(Duration.ofSeconds(29).toNanos());
        assertThat(order()).containsExactly(B, A);
        clock.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(order()).containsExactly(A, B);
        health.learn(A, Failure.of(FailureCode.UPSTREAM_RATE_LIMITED, "m").withRetryAfter(Duration.ofDays(1)));
        clock.addAndGet(Duration.ofMinutes(2).toNanos());
        assertThat(order()).containsExactly(A, B);
    }

    @Test
    void aRequestsOwnFaultSaysNothingAboutTheTarget() {
        for (int i = 0; i < 9; i++) health.learn(A, Failure.of(FailureCode.UPSTREAM_REJECTED, "m"));
        assertThat(order()).containsExactly(A, B);
    }

    @Test
    void whereAllRestTheyAreAskedAsIfNoneDid() {
        fail(3);
        for (int i = 0; i < 3; i++) health.learn(B, BROKEN);
        assertThat(order()).containsExactly(A, B);
    }

    @Test
    void weightsSayHowOftenATargetIsAskedFirst() {
        Model model = new Model("m", List.of(target("a", 3), target("b", 1)), Timeouts.DEFAULT);
        Random random = new Random(7);
        int first = 0;
        for (int i = 0; i < 10_000; i++) {
            List<Target> order = model.inTurn(random::nextLong);
            assertThat(order).hasSize(2);
            if (order.getFirst().provider().name().equals("a")) first++;
        }
        assertThat(first).isBetween(7_300, 7_700);
    }
}
