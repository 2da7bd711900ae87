package dev.freshet.cli;

import dev.freshet.gateway.model.Abort;
import dev.freshet.gateway.model.Prefill;
import dev.freshet.gateway.model.Provider;
import dev.freshet.gateway.route.ModelRouter;
import dev.freshet.simulator.Simulator;
import java.net.URI;
import java.util.List;
import java.util.Map;

/// The simulator as a provider of the gateway.
final class SimulatedProvider {
    private SimulatedProvider() {}

    /// @param answersAll whether it answers under every name
    static ModelRouter.Simulated of(Simulator simulator, boolean answersAll) {
        Provider provider = new Provider(
                "simulated",
                URI.create(simulator.baseUri().toString()),
                new Provider.Auth.None(),
                Map.of(),
                new Prefill("prefix", null),
                null,
                true,
                Abort.VERIFIED,
                false);
        return new ModelRouter.Simulated(provider, simulator::serves, List.of("demo"), answersAll);
    }
}
