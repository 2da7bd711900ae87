package dev.freshet.gateway.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.model.Failure;
import dev.freshet.gateway.model.FailureCode;
import dev.freshet.gateway.model.Owner;
import dev.freshet.gateway.model.Provider;
import dev.freshet.gateway.model.Secret;
import dev.freshet.gateway.model.UpstreamError;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class KeysTest {
    private static final Secret A = new Secret("a");
    private static final Secret B = new Secret("b");
    private static final Secret C = new Secret("c");
    private static final Provider THREE = provider(new Provider.Auth.Keys(List.of(A, B, C)));
    private static final Owner OWNER = new Owner("o");

    private final AtomicLong clock = new AtomicLong();
    private final Keys keys = new Keys(clock::get);

    private static Provider provider(Provider.Auth auth) {
        return new Provider("p", URI.create("http://p.example/v1"), auth, Map.of());
    }

    private static Failure failure(int status, @Nullable Duration retryAfter) {
        return Failure.of(FailureCode.UPSTREAM_FAILED, "m")
                .withUpstream(new UpstreamError(status, null, null, null, null))
                .withRetryAfter(retryAfter);
    }

    private Secret choose(Secret... tried) {
        Secret key = keys.choose(THREE, OWNER, List.of(tried));
        assertThat(key).isNotNull();
        return key;
    }

    @Test
    void anOwnerKeepsToOneKeyAndOwnersSpread() {
        Map<Secret, Integer> uses = new HashMap<>();
        for (int i = 0; i < 300; i++) {
            Owner owner = new Owner("owner-" + i);
            Secret key = keys.choose(THREE, owner, List.of());
            assertThat(keys.choose(THREE, owner, List.of())).isEqualTo(key);
            uses.merge(key, 1, Integer::sum);
        }
        assertThat(uses).hasSize(3).allSatisfy((_, count) -> assertThat(count).isBetween(60, 140));
    }

    @Test
    void aLimitedKeyRestsAsLongAsItIsAskedToAndIsThenTheOwnersAgain() {
        Secret first = choose();
        assertThat(keys.learn(THREE, first, failure(429, Duration.ofSeconds(20))))
                .isTrue();
        Secret second = choose();
        assertThat(second).isNotEqualTo(first);
        assertThat(choose()).isEqualTo(second);
        clock.addAndGet(Duration.ofSeconds(20).toNanos());
        assertThat(choose()).isEqualTo(first);
    }

    @Test
    void aRefusedKeyRestsForTwoMinutes() {
        Secret first = choose();
        for (int status : List.of(401, 402, 403)) {
            assertThat(keys.learn(THREE, first, failure(status, null))).isTrue();
            clock.addAndGet(Duration.ofSeconds(119).toNanos());
            assertThat(choose()).isNotEqualTo(first);
            clock.addAndGet(Duration.ofSeconds(1).toNanos());
            assertThat(choose()).isEqualTo(first);
        }
    }

    @Test
    void whereAllRestTheyAreUsedAsIfNoneDid() {
        Secret first = choose();
        assertThat(keys.learn(THREE, A, failure(429, null))).isTrue();
        assertThat(keys.learn(THREE, B, failure(429, null))).isTrue();
        assertThat(keys.learn(THREE, C, failure(429, null))).isTrue();
        assertThat(choose()).isEqualTo(first);
    }

    @Test
    void eachIsTriedOnce() {
        Secret first = choose();
        Secret second = choose(first);
        Secret third = choose(first, second);
        assertThat(List.of(first, second, third)).containsExactlyInAnyOrder(A, B, C);
        assertThat(keys.choose(THREE, OWNER, List.of(A, B, C))).isNull();
    }

    @Test
    void otherFailuresAreNotTheKeys() {
        assertThat(keys.learn(THREE, A, failure(500, null))).isFalse();
        assertThat(keys.learn(THREE, A, Failure.of(FailureCode.UPSTREAM_STALLED, "m")))
                .isFalse();
        Provider one = provider(new Provider.Auth.Keys(List.of(A)));
        assertThat(keys.learn(one, A, failure(429, null))).isFalse();
        assertThat(keys.choose(one, OWNER, List.of())).isEqualTo(A);
        assertThat(keys.choose(provider(new Provider.Auth.None()), OWNER, List.of()))
                .isNull();
        assertThat(keys.choose(provider(new Provider.Auth.Caller()), OWNER, List.of()))
                .isNull();
    }
}
