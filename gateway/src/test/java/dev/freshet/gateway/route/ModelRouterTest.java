package dev.freshet.gateway.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.freshet.gateway.model.FailureCode;
import dev.freshet.gateway.model.Model;
import dev.freshet.gateway.model.Provider;
import dev.freshet.gateway.model.Target;
import dev.freshet.gateway.model.Timeouts;
import dev.freshet.gateway.route.ModelRouter.Resolution;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ModelRouterTest {
    private final Provider first = provider("first");
    private final Provider second = provider("second");
    private final Provider simulated = provider("simulated");
    private final Catalog catalog = new Catalog(List.of("first", "second"));

    private static Provider provider(String name) {
        return new Provider(name, URI.create("http://" + name + ".example/v1"), new Provider.Auth.None(), Map.of());
    }

    private static Model model(String name, Target... targets) {
        return new Model(name, List.of(targets), Timeouts.DEFAULT);
    }

    private ModelRouter.Simulated demo(boolean answersAll) {
        return new ModelRouter.Simulated(simulated, "demo"::equals, List.of("demo"), answersAll);
    }

    private ModelRouter zero(boolean answersAll) {
        Map<String, Provider> providers = new LinkedHashMap<>();
        if (!answersAll) {
            providers.put("first", first);
            providers.put("second", second);
        }
        return new ModelRouter(Map.of(), providers, answersAll ? new Catalog(List.of()) : catalog, demo(answersAll));
    }

    private static String served(ModelRouter router, String name) {
        return switch (router.resolve(name)) {
            case Resolution.Found found -> {
                Target target = found.model().targets().getFirst();
                yield target.provider().name() + " " + (target.model() == null ? name : target.model());
            }
            case Resolution.Unknown unknown -> unknown.failure().code().wireName();
        };
    }

    @Test
    void aPrefixedNameGoesToItsProviderWithoutThePrefix() {
        assertThat(served(zero(false), "second/some/model")).isEqualTo("second some/model");
    }

    @Test
    void aBareNameGoesToTheFirstProviderThatListsIt() {
        catalog.put("second", List.of("shared", "only-second"));
        assertThat(zero(false).waitsFor("shared")).isTrue();
        catalog.put("first", List.of("shared"));
        assertThat(zero(false).waitsFor("shared")).isFalse();
        assertThat(served(zero(false), "shared")).isEqualTo("first shared");
        assertThat(served(zero(false), "only-second")).isEqualTo("second only-second");
        assertThat(zero(false).names()).containsExactly("first/shared", "second/shared", "second/only-second", "demo");
    }

    @Test
    void anythingElseIsA404ThatNamesTheList() {
        catalog.put("first", List.of());
        catalog.put("second", List.of());
        for (String name : List.of("nobody", "third/x", "first/", "/x")) {
            assertThat(zero(false).resolve(name)).isInstanceOfSatisfying(Resolution.Unknown.class, unknown -> {
                assertThat(unknown.failure().code()).isEqualTo(FailureCode.UNKNOWN_MODEL);
                assertThat(unknown.failure().status()).isEqualTo(404);
                assertThat(unknown.failure().param()).isEqualTo("model");
                assertThat(unknown.failure().message()).contains("/v1/models");
            });
        }
    }

    @Test
    void demoIsAlwaysThereAndAnswersAllOnlyWithoutProviders() {
        assertThat(served(zero(false), "demo")).isEqualTo("simulated demo");
        assertThat(served(zero(true), "demo")).isEqualTo("simulated demo");
        assertThat(served(zero(true), "deepseek-chat")).isEqualTo("simulated deepseek-chat");
    }

    @Test
    void configuredNamesAreTheOnlyOnesAndTheStarTakesTheRest() {
        Map<String, Provider> providers = Map.of("first", first, "second", second);
        Map<String, Model> configured = Map.of("m", model("m", Target.of(first, "real")));
        ModelRouter closed = new ModelRouter(configured, providers, new Catalog(List.of()), demo(false));
        assertThat(served(closed, "m")).isEqualTo("first real");
        assertThat(served(closed, "second/x")).isEqualTo("unknown_model");
        assertThat(served(closed, "*")).isEqualTo("unknown_model");

        Map<String, Model> starred =
                Map.of("m", model("m", Target.of(first, "real")), "*", model("*", Target.of(second, null)));
        ModelRouter open = new ModelRouter(starred, providers, new Catalog(List.of()), null);
        assertThat(served(open, "m")).isEqualTo("first real");
        assertThat(served(open, "second/x")).isEqualTo("second second/x");
        assertThat(open.names()).containsExactly("m");
    }
}
