package dev.freshet.gateway.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.gateway.model.HttpProxy;
import dev.freshet.gateway.model.Proxies;
import dev.freshet.gateway.model.Secret;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class ProxyReaderTest {
    private static Proxies proxies(Map<String, String> variables) {
        return new ProxyReader(new Environment(variables)).proxies();
    }

    @Test
    void noneUnlessTheEnvironmentNamesOne() {
        assertThat(proxies(Map.of())).isEqualTo(Proxies.NONE);
    }

    @Test
    void eachSchemeHasItsOwnAndSmallLettersCountFirst() {
        Proxies proxies = proxies(Map.of(
                "HTTP_PROXY", "http://other:1", "http_proxy", "one.example:3128", "HTTPS_PROXY", "http://two.example"));
        HttpProxy plain = Objects.requireNonNull(proxies.towards(false, "api.example", 80));
        assertThat(plain.host()).isEqualTo("one.example");
        assertThat(plain.port()).isEqualTo(3128);
        assertThat(plain.login()).isNull();
        HttpProxy secure = Objects.requireNonNull(proxies.towards(true, "api.example", 443));
        assertThat(secure.host()).isEqualTo("two.example");
        assertThat(secure.port()).isEqualTo(80);
    }

    @Test
    void oneForAllAndItsLogin() {
        Proxies proxies = proxies(Map.of("ALL_PROXY", "http://user:p%40ss@proxy.example:8080/"));
        HttpProxy proxy = Objects.requireNonNull(proxies.towards(true, "api.example", 443));
        assertThat(proxy.login()).isEqualTo(new Secret("user:p@ss"));
        assertThat(proxy.toString()).doesNotContain("p@ss");
        assertThat(proxies.towards(false, "api.example", 80)).isEqualTo(proxy);
    }

    @Test
    void whatIsNamedAndThisMachineAreReachedDirectly() {
        Proxies proxies = proxies(Map.of("ALL_PROXY", "proxy:1", "NO_PROXY", "corp.example, .lan other.example:8443"));
        for (String host : new String[] {
            "corp.example", "api.CORP.example", "vllm.lan", "localhost", "127.0.0.1", "127.8.0.9", "::1"
        }) {
            assertThat(proxies.towards(true, host, 443)).as(host).isNull();
        }
        assertThat(proxies.towards(true, "other.example", 8443)).isNull();
        assertThat(proxies.towards(true, "other.example", 443)).isNotNull();
        assertThat(proxies.towards(true, "notcorp.example", 443)).isNotNull();
        assertThat(proxies(Map.of("ALL_PROXY", "proxy:1", "no_proxy", "*")).towards(true, "a.example", 1))
                .isNull();
    }

    @Test
    void whatIsNoHttpProxyIsRefusedWithoutShowingIt() {
        for (String wrong :
                new String[] {"socks5://user:secret@p:1", "https://user:secret@p", "http://", "http://a b"}) {
            assertThatThrownBy(() -> proxies(Map.of("HTTPS_PROXY", wrong)))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("HTTPS_PROXY")
                    .hasMessageNotContaining("secret");
        }
    }
}
