package dev.freshet.gateway;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.util.stream.Stream;

/// Names as the system knows them, but for `slow.invalid`, whose name server takes five seconds to say that
/// there is none. The JDK finds it by `META-INF/services`.
public final class SlowNames extends InetAddressResolverProvider {
    static final String SLOW = "slow.invalid";
    private static final int SLOWNESS_MILLIS = 5_000;

    @Override
    public InetAddressResolver get(Configuration configuration) {
        InetAddressResolver usual = configuration.builtinResolver();
        return new InetAddressResolver() {
            @Override
            public Stream<InetAddress> lookupByName(String host, LookupPolicy policy) throws UnknownHostException {
                if (!host.equals(SLOW)) return usual.lookupByName(host, policy);
                try {
                    Thread.sleep(SLOWNESS_MILLIS);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                throw new UnknownHostException(host);
            }

            @Override
            public String lookupByAddress(byte[] address) throws UnknownHostException {
                return usual.lookupByAddress(address);
            }
        };
    }

    @Override
    public String name() {
        return "slow";
    }
}
