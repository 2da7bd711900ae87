package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Which licences may be released.
class LicencesTest {
    private Licences licences;

    @BeforeEach
    void read() throws IOException {
        licences = Licences.read(Program.root().resolve("licences"));
    }

    @Test
    void aLicenceThatIsNotListedIsRefusedWithTheCure() {
        for (List<String> offered : List.of(List.of("GPL-3.0-only"), List.of("Our own licence"), List.<String>of()))
            assertThatThrownBy(() -> licences.chosen("org.example:library 1", offered))
                    .hasMessageContaining("org.example:library 1")
                    .hasMessageContaining("licences/allowed.txt");
    }

    @Test
    void ofSeveralThatAreOfferedTheMostWantedIsTaken() {
        assertThat(licences.chosen("l", List.of("EPL-2.0", "LGPL-2.1-only"))).isEqualTo("EPL-2.0");
        assertThat(licences.chosen("l", List.of("MPL-2.0 OR Apache-2.0"))).isEqualTo("Apache-2.0");
        assertThat(licences.chosen("l", List.of("CC0-1.0", "BSD-2-Clause"))).isEqualTo("BSD-2-Clause");
    }

    @Test
    void aCorrectionIsForItsLibraryOnly() {
        assertThat(licences.meant("org.jline", "jline-reader", "BSD-4-Clause")).isEqualTo("BSD-3-Clause");
        assertThat(licences.meant("org.example", "jline-reader", "BSD-4-Clause"))
                .isEqualTo("BSD-4-Clause");
        assertThat(licences.meant("com.google.re2j", "re2j", "GPL-3.0-only")).isEqualTo("GPL-3.0-only");
    }
}
