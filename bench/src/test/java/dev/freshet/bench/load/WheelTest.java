package dev.freshet.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class WheelTest {
    @Test
    void everyPlaceHasItsTurnOnceAPeriodEvenlySpread() {
        int[] turns = new int[4];
        Wheel wheel = new Wheel(Duration.ofMillis(20), turns.length);
        for (int place = 0; place < turns.length; place++) {
            int own = place;
            wheel.take(() -> turns[own]++);
        }
        // The wheel began a moment before this, so a turn is due at once and then every 5 ms.
        long start = System.nanoTime();
        long step = Duration.ofMillis(5).toNanos();
        for (int passed = 0; passed < 3; passed++) wheel.turn(start + passed * step);
        assertThat(turns).containsExactly(1, 1, 1, 0);
        for (int passed = 3; passed < 40; passed++) wheel.turn(start + passed * step);
        assertThat(turns).containsOnly(10);
    }

    @Test
    void whoLeftHasNoTurnAndItsPlaceIsTakenAgain() {
        int[] turns = new int[2];
        Wheel wheel = new Wheel(Duration.ofMillis(20), 1);
        int place = wheel.take(() -> turns[0]++);
        wheel.leave(place);
        wheel.take(() -> turns[1]++);
        wheel.turn(System.nanoTime());
        assertThat(turns).containsExactly(0, 1);
    }
}
