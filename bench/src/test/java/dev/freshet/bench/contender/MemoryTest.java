package dev.freshet.bench.contender;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MemoryTest {
    private static final String SMAPS = """
            10000-20000 rw-p 00000000 00:00 0
            Size:                 64 kB
            Rss:                  40 kB
            Pss:                  40 kB
            20000-30000 rw-p 00000000 00:00 0 [heap]
            Rss:                   8 kB
            ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0 [vsyscall]
            Rss:                   4 kB
            """;

    private static final String HISTOGRAM = """
             num     #instances         #bytes  class name (module)
               1:         12345        1000000  [B (java.base@25)
            Total         23456        2345678
            """;

    @Test
    void residentMemoryIsTheSumOfTheMappings() {
        Mappings mappings = Mappings.from(SMAPS.lines().toList());
        assertThat(mappings.resident()).isEqualTo(52 * 1024);
        assertThat(mappings.residentOutside(0x10000, 0x20000)).isEqualTo(12 * 1024);
    }

    @Test
    void theHeapIsFoundForTheSerialCollector() {
        String info = """
                DefNew     total 9792K, used 512K [0x0000000081c00000, 0x00000000826a0000, 0x00000000abc00000)
                 eden space 8704K,   5% used [0x0000000081c00000, 0x0000000081c80000, 0x0000000082480000)
                Tenured    total 21888K, used 900K [0x00000000abc00000, 0x00000000ad160000, 0x0000000100000000)
                 Metaspace       used 10000K, committed 10240K, reserved 1114112K
                """;
        assertThat(JavaHeap.from(info, HISTOGRAM)).isEqualTo(new JavaHeap(0x81c00000L, 0x100000000L, 2_345_678));
    }

    @Test
    void theHeapIsFoundForG1() {
        String info = """
                garbage-first heap   total reserved 524288K, committed 98304K, used 3000K \
                [0x00000000e0000000, 0x0000000100000000)
                 region size 1024K, 2 young (2048K), 0 survivors (0K)
                """;
        assertThat(JavaHeap.from(info, HISTOGRAM)).isEqualTo(new JavaHeap(0xe0000000L, 0x100000000L, 2_345_678));
    }

    @Test
    void anotherJvmIsReadAsItIs() throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process other =
                new ProcessBuilder(java, "-cp", System.getProperty("java.class.path"), Idle.class.getName()).start();
        try {
            assertThat(other.getInputStream().read()).isEqualTo('.');
            JavaHeap heap = JavaHeap.afterCollection(other.pid());
            Mappings mappings = Mappings.of(other.pid());
            assertThat(heap.live()).isBetween(100_000L, heap.to() - heap.from());
            assertThat(mappings.residentOutside(heap.from(), heap.to()))
                    .isBetween(1L, mappings.resident() - heap.live());
        } finally {
            other.destroyForcibly();
        }
    }

    /// Says that it runs, and waits.
    static final class Idle {
        private Idle() {}

        public static void main(String[] args) throws IOException {
            System.out.print('.');
            System.out.flush();
            System.in.read();
        }
    }
}
