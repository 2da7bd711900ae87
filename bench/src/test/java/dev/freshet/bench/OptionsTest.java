package dev.freshet.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.freshet.bench.contender.BenchException;
import dev.freshet.bench.report.Comparison;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OptionsTest {
    @Test
    void withoutOptionsEverythingIsMeasuredAndNothingSaved() {
        assertThat(parse())
                .isEqualTo(new Options(
                        Comparison.PUMP,
                        Plan.WHOLE,
                        false,
                        Set.of("direct", "nginx", "freshet"),
                        List.of("/x/freshet")));
    }

    @Test
    void optionsCombine() {
        Options options = parse("--quick", "--save", "--only", "direct,nginx", "--freshet", "java -jar f.jar");
        assertThat(options.plan()).isEqualTo(Plan.QUICK);
        assertThat(options.save()).isTrue();
        assertThat(options.contenders()).containsExactlyInAnyOrder("direct", "nginx");
        assertThat(options.freshet()).containsExactly("java", "-jar", "f.jar");
    }

    @Test
    void theDiskStoreHasContendersOfItsOwn() {
        assertThat(parse("--disk").contenders()).containsExactlyInAnyOrder("direct", "memory", "disk");
        assertThat(parse("--only", "disk", "--disk").contenders()).containsExactly("disk");
    }

    @Test
    void theLedgerHasContendersOfItsOwn() {
        assertThat(parse("--ledger").contenders()).containsExactlyInAnyOrder("direct", "bare", "ledger");
    }

    @Test
    void guardsHaveContendersOfTheirOwn() {
        assertThat(parse("--guards").contenders()).containsExactlyInAnyOrder("direct", "unguarded", "guarded");
    }

    @Test
    void wrongOptionsShowTheUsage() {
        for (String[] wrong : new String[][] {{"--fast"}, {"--only"}, {"--only", "apache"}, {"--only", "disk"}}) {
            assertThatThrownBy(() -> parse(wrong))
                    .isInstanceOf(BenchException.class)
                    .hasMessageContaining("bench/run [--disk | --ledger | --guards]");
        }
    }

    private static Options parse(String... args) {
        return Options.parse(args, "/x/freshet");
    }
}
