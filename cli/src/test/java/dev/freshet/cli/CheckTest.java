package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `./check`: what it hands to Maven, and what it says of a machine where programs are missing.
@Tag("program")
class CheckTest {
    @TempDir
    Path folder;

    private Launched launched;

    @BeforeEach
    void prepare() throws IOException {
        Path jdk = folder.resolve("jdk-25");
        Launched.fakeJdk(jdk, "25.0.3");
        launched = Launched.cloned(folder.resolve("clone"), "echo \"$@\" >arguments; env >environment")
                .with("JAVA_HOME", jdk.toString());
    }

    private Launched.Run check(String... arguments) {
        return launched.run(launched.file("check"), arguments);
    }

    @Test
    void theFastCheckLeavesOutWhatNeedsOtherPrograms() throws IOException {
        assertThat(check("fast").code()).isZero();
        assertThat(Files.readString(launched.file("arguments")))
                .contains("-Dfreshet.excluded=program ")
                .contains(" verify");
    }

    @Test
    void noTestSeesAKeyOfThePerson() throws IOException {
        launched.with("OPENAI_API_KEY", "sk-secret")
                .with("AIWAVE_API_KEY", "sk-secret")
                .with("FRESHET_KEY", "sk-secret");
        check("fast");
        assertThat(Files.readString(launched.file("environment")))
                .contains("JAVA_HOME=" + folder.resolve("jdk-25"))
                .doesNotContain("sk-secret");
    }

    @Test
    void aWrongArgumentIsSaid() {
        Launched.Run run = check("quickly");
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).isEqualTo("check: usage: ./check or ./check fast\n");
    }

    @Test
    void whoIsNotRootIsToldTheLineThatInstallsWhatIsMissing() throws IOException {
        Path path = Launched.pathOf(folder.resolve("path"), "dirname", "curl", "node", "npm");
        Launched.program(path.resolve("id"), "echo 1000");
        Launched.Run run = launched.with("PATH", path.toString()).run(launched.file("check"));
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err())
                .contains("run: sudo apt-get install chromium")
                .contains(" python3 ", " python3-venv")
                .doesNotContain("curl", "node")
                .containsOnlyOnce("\n");
        assertThat(launched.file("arguments")).doesNotExist();
    }

    @Test
    void rootGetsWhatIsMissingInstalled() throws IOException {
        Path path = Launched.pathOf(folder.resolve("path"), "dirname", "curl", "node", "npm");
        Launched.program(path.resolve("id"), "echo 0");
        Launched.program(path.resolve("apt-get"), "echo \"$@\" >>" + launched.file("installed") + "; [ $1 = update ]");
        Launched.Run run = launched.with("PATH", path.toString()).run(launched.file("check"));
        assertThat(Files.readString(launched.file("installed")))
                .contains("install -y")
                .contains(" chromium ");
        assertThat(run.err()).startsWith("check: these packages could not be installed: chromium");
        assertThat(launched.file("arguments")).doesNotExist();
    }
}
