package dev.freshet.gateway.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.model.Allowance;
import dev.freshet.gateway.model.FailureCode;
import dev.freshet.gateway.model.Owner;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class QuotasTest {
    private final AtomicLong clock = new AtomicLong(-Duration.ofSeconds(30).toNanos());
    private final Quotas quotas = new Quotas(clock::get, () -> 0, () -> 1_000_000, _ -> null);

    private static Caller caller(@Nullable Integer rpm, @Nullable Integer streams) {
        return new Caller(Owner.ANYONE, "k", null, new Allowance(List.of(), rpm, null, streams, null), null);
    }

    private boolean granted(Caller caller) {
        return quotas.take(caller) instanceof Quotas.Answer.Granted;
    }

    @Test
    void aMinutesWorthMayComeAtOnceAndThenOneWithEachShare() {
        Caller caller = caller(60, null);
        for (int i = 0; i < 60; i++) assertThat(granted(caller)).as("%d", i).isTrue();
        assertThat(granted(caller)).isFalse();
        Quotas.Answer.Refused refused = (Quotas.Answer.Refused) quotas.take(caller);
        assertThat(refused.failure().code()).isEqualTo(FailureCode.RATE_LIMITED);
        assertThat(refused.failure().retryAfter()).isEqualTo(Duration.ofSeconds(1));
        assertThat(refused.rate()).isEqualTo(new Quotas.Rate(60, 0, Duration.ofMinutes(1)));
        clock.addAndGet(Duration.ofMillis(999).toNanos());
        assertThat(granted(caller)).isFalse();
        clock.addAndGet(Duration.ofMillis(1).toNanos());
        assertThat(granted(caller)).isTrue();
        assertThat(granted(caller)).isFalse();
        clock.addAndGet(Duration.ofMinutes(5).toNanos());
        for (int i = 0; i < 60; i++)
            assertThat(granted(caller)).as("again %d", i).isTrue();
        assertThat(granted(caller)).isFalse();
    }

    @Test
    void sharesThatAreNoWholeNanosecondsFitToo() {
        for (int rpm : new int[] {1, 7, 59, 997, 1_000_000}) {
            Quotas fresh = new Quotas(clock::get, () -> 0, () -> 1_000_000_000, _ -> null);
            int count = 0;
            while (fresh.take(caller(rpm, null)) instanceof Quotas.Answer.Granted) count++;
            assertThat(count).as("%d a minute", rpm).isEqualTo(rpm);
        }
    }

    /// However many come at once, and whatever happens to them.
    @Test
    void placesAreNeverMoreThanThereAreAndAllComeBack() throws Exception {
        Caller caller = caller(null, 10);
        CyclicBarrier barrier = new CyclicBarrier(200);
        List<Quotas.Lease> leases = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int round = 0; round < 20; round++) {
                List<Future<Quotas.@Nullable Lease>> all = new ArrayList<>();
                for (int i = 0; i < 200; i++) {
                    all.add(threads.submit(() -> {
                        barrier.await();
                        return quotas.take(caller) instanceof Quotas.Answer.Granted(var lease, var _) ? lease : null;
                    }));
                }
                for (Future<Quotas.@Nullable Lease> one : all) if (one.get() != null) leases.add(one.get());
                assertThat(leases).hasSizeLessThanOrEqualTo(10).isNotEmpty();
                for (Quotas.Lease lease : leases) {
                    lease.giveBack();
                    lease.giveBack();
                }
                leases.clear();
            }
        }
        for (int i = 0; i < 10; i++) assertThat(granted(caller)).as("%d", i).isTrue();
        assertThat(granted(caller)).isFalse();
    }

    @Test
    void whereNoKeyIsAskedForNothingIsCounted() {
        Quotas none = new Quotas(clock::get, () -> 0, () -> 0, _ -> null);
        for (int i = 0; i < 5; i++) {
            Quotas.Answer answer = none.take(Caller.ANYONE);
            Objects.requireNonNull(((Quotas.Answer.Granted) answer).lease()).giveBack();
        }
    }
}
