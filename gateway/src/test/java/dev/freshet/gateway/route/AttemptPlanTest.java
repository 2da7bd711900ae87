package dev.freshet.gateway.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.model.Remedy;
import dev.freshet.gateway.model.Retry;
import dev.freshet.gateway.route.AttemptPlan.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AttemptPlanTest {
    private static final Retry RETRY = new Retry(3, Duration.ofMillis(200), Duration.ofSeconds(1));

    /// Always the longest wait.
    private static AttemptPlan plan(int targets) {
        AttemptPlan plan = new AttemptPlan(targets, RETRY, bound -> bound - 1);
        assertThat(plan.first()).isEqualTo(step(0, 0));
        return plan;
    }

    private static Step step(int target, long millis) {
        return new Step(target, Duration.ofMillis(millis));
    }

    private static List<Step> all(AttemptPlan plan, Remedy remedy) {
        List<Step> steps = new ArrayList<>();
        for (Step step = plan.next(remedy, null); step != null; step = plan.next(remedy, null)) steps.add(step);
        return steps;
    }

    @Test
    void aTargetThatCannotBeReachedIsFollowedByTheNextAtOnceAndByTheFirstAgainAfterABackoff() {
        assertThat(all(plan(2), Remedy.ANY_TARGET))
                .containsExactly(step(1, 0), step(0, 200), step(1, 0), step(0, 400), step(1, 0));
    }

    @Test
    void aTargetThatIsBusyIsAskedAgainUpToItsAttemptsAndThenTheNext() {
        assertThat(all(plan(2), Remedy.SAME_TARGET_LATER))
                .containsExactly(step(0, 200), step(0, 400), step(1, 0), step(1, 200), step(1, 400));
    }

    @Test
    void aTargetThatMayHaveBilledIsNeverAskedAgain() {
        assertThat(all(plan(3), Remedy.ANOTHER_TARGET)).containsExactly(step(1, 0), step(2, 0));
        AttemptPlan mixed = plan(2);
        assertThat(mixed.next(Remedy.ANOTHER_TARGET, null)).isEqualTo(step(1, 0));
        assertThat(all(mixed, Remedy.ANY_TARGET)).containsExactly(step(1, 200), step(1, 400));
    }

    @Test
    void aRequestThatIsAtFaultIsAskedOnce() {
        assertThat(plan(3).next(Remedy.NONE, null)).isNull();
    }

    @Test
    void aProviderIsWaitedForAsLongAsItAsksButNotLongerThanTheLimit() {
        AttemptPlan plan = plan(2);
        assertThat(plan.next(Remedy.SAME_TARGET_LATER, Duration.ofMillis(700))).isEqualTo(step(0, 700));
        assertThat(plan.next(Remedy.SAME_TARGET_LATER, Duration.ofMillis(1001))).isEqualTo(step(1, 0));
        assertThat(plan.next(Remedy.SAME_TARGET_LATER, Duration.ofDays(1))).isNull();
    }

    @Test
    void theWaitGrowsUpToItsLimitAndIsDrawnFromAllOfIt() {
        Retry long5 = new Retry(6, Duration.ofMillis(200), Duration.ofSeconds(1));
        AttemptPlan plan = new AttemptPlan(1, long5, bound -> bound - 1);
        plan.first();
        assertThat(all(plan, Remedy.SAME_TARGET_LATER))
                .containsExactly(step(0, 200), step(0, 400), step(0, 800), step(0, 1000), step(0, 1000));
        AttemptPlan lucky = new AttemptPlan(1, long5, _ -> 0);
        lucky.first();
        assertThat(lucky.next(Remedy.SAME_TARGET_LATER, null)).isEqualTo(step(0, 0));
    }
}
