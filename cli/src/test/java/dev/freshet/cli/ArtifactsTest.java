package dev.freshet.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `bin/artifacts verify`: a local repository against the list.
@Tag("program")
class ArtifactsTest {
    @TempDir
    Path folder;

    private Launched launched;
    private Path repository;

    @BeforeEach
    void prepare() throws Exception {
        launched = Launched.cloned(folder.resolve("clone"), "");
        repository = Files.createDirectories(folder.resolve("clone/.m2/repository/org/example"));
        Files.writeString(repository.resolve("good.jar"), "good");
        byte[] sum = MessageDigest.getInstance("SHA-256").digest("good".getBytes(UTF_8));
        String hex = HexFormat.of().formatHex(sum);
        Files.writeString(
                launched.file(".mvn/checksums/checksums.sha256"),
                hex + "  org/example/good.jar\n" + hex + "  org/example/later.jar\n");
    }

    private Launched.Run artifacts(String... arguments) {
        return launched.run(launched.file("bin/artifacts"), arguments);
    }

    @Test
    void aFileAsItWasRecordedIsGoodAndOneThatIsNotThereCanComeLater() {
        assertThat(artifacts("verify")).isEqualTo(new Launched.Run(0, "", ""));
    }

    @Test
    void aFileThatWasChangedIsNamed() throws IOException {
        Files.writeString(repository.resolve("good.jar"), "bad");
        Launched.Run run = artifacts("verify");
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err())
                .contains("org/example/good.jar", "bin/artifacts record")
                .doesNotContain("later.jar");
    }

    @Test
    void whereAllMustBeThereAMissingOneIsNamed() {
        Launched.Run run = artifacts("verify", "all");
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("org/example/later.jar").doesNotContain("good.jar");
    }

    @Test
    void anotherLocalRepositoryIsHeeded() throws IOException {
        Path other = Files.createDirectories(folder.resolve("other/org/example"));
        Files.writeString(other.resolve("later.jar"), "bad");
        launched.with("MAVEN_OPTS", "-Xmx1g -Dmaven.repo.local=" + folder.resolve("other"));
        assertThat(artifacts("verify").err()).contains("later.jar");
    }
}
