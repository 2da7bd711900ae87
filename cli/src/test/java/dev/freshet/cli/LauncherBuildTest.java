package dev.freshet.cli;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The launcher in a clone: when it builds, and when it does not.
@Tag("program")
class LauncherBuildTest {
    private static final String GOOD = "mkdir -p cli/target && cp built.jar cli/target/freshet.jar";
    private static final long LIMIT_SECONDS = 60;

    @TempDir
    Path folder;

    private Launched cloned(String build) throws IOException {
        Path jdk = folder.resolve("jdk-25");
        Launched.fakeJdk(jdk, "25.0.3");
        return Launched.cloned(folder.resolve("clone"), build).with("JAVA_HOME", jdk.toString());
    }

    private static long builds(Launched launched) {
        try {
            Path builds = launched.file("builds");
            return Files.exists(builds) ? Files.readAllLines(builds).size() : 0;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void assertNoLockIsLeft(Launched launched) {
        assertThat(launched.file(".build.lock")).doesNotExist();
        assertThat(launched.file(".build.lock.taken")).doesNotExist();
    }

    @Test
    void theFirstRunBuildsAndTheSecondDoesNot() throws IOException {
        Launched launched = cloned(GOOD);
        Launched.Run first = launched.run("x");
        assertThat(first.out()).isEqualTo(folder.resolve("jdk-25") + "|x\n");
        assertThat(first.err()).startsWith("Building Freshet").containsOnlyOnce("\n");
        assertThat(launched.run("x").err()).isEmpty();
        assertThat(builds(launched)).isEqualTo(1);
        assertNoLockIsLeft(launched);
    }

    /// Maven does not write a jar anew that came out the same; then, too, the next run must not build.
    @Test
    void aSourceThatIsNewerThanTheProgramIsBuiltOnce() throws IOException {
        Launched launched = cloned("[ -e cli/target/freshet.jar ] || cp built.jar cli/target/freshet.jar");
        launched.run();
        Files.setLastModifiedTime(
                launched.file("cli/target/freshet.jar"),
                FileTime.from(Instant.now().minus(Duration.ofHours(1))));
        assertThat(launched.run().err()).startsWith("Building Freshet");
        assertThat(launched.run().err()).isEmpty();
        assertThat(builds(launched)).isEqualTo(2);
    }

    @Test
    void ofTwoFirstRunsOneBuildsAndTheOtherWaits() throws Exception {
        Launched launched = cloned("until [ -e go ]; do sleep 0.1; done\n" + GOOD);
        CompletableFuture<Launched.Run> first = running(launched, "first");
        await(() -> builds(launched) == 1);
        CompletableFuture<Launched.Run> second = running(launched, "second");
        await(() -> launched.printed("Another run builds Freshet"));
        Files.createFile(launched.file("go"));
        assertThat(first.get(LIMIT_SECONDS, SECONDS).out()).endsWith("|first\n");
        assertThat(second.get(LIMIT_SECONDS, SECONDS).out()).endsWith("|second\n");
        assertThat(builds(launched)).isEqualTo(1);
        assertNoLockIsLeft(launched);
    }

    @Test
    void aLockWhoseOwnerIsGoneIsTakenOver() throws Exception {
        Launched launched = cloned(GOOD);
        Process gone = new ProcessBuilder("true").start();
        gone.waitFor();
        Files.createDirectory(launched.file(".build.lock"));
        Files.writeString(launched.file(".build.lock/pid"), gone.pid() + "\n");
        assertThat(launched.run("x").out()).endsWith("|x\n");
        assertNoLockIsLeft(launched);
    }

    @Test
    void aBuildThatFailsSaysWhyAndTheNextRunTriesAgain() throws IOException {
        Launched launched = cloned("[ -e repaired ] || { echo '[ERROR] a bad line'; echo more; exit 1; }\n" + GOOD);
        Launched.Run run = launched.run("x");
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().lines().skip(1))
                .satisfiesExactly(
                        cause -> assertThat(cause).isEqualTo("[ERROR] a bad line"),
                        last -> assertThat(last)
                                .startsWith("freshet: the build failed")
                                .endsWith("build.log"));
        assertNoLockIsLeft(launched);
        Files.createFile(launched.file("repaired"));
        assertThat(launched.run("x").out()).endsWith("|x\n");
    }

    @Test
    void whereTheWrapperCannotDownloadMavenTheOneOnThePathBuilds() throws IOException {
        Launched launched = cloned(GOOD);
        Path mvn = folder.resolve("path/mvn");
        Files.createDirectories(mvn.getParent());
        Files.move(launched.file("mvnw"), mvn);
        Launched.program(launched.file("mvnw"), "exit 1");
        launched.with("PATH", mvn.getParent() + ":" + System.getenv("PATH"));
        Launched.Run run = launched.run("x");
        assertThat(run.out()).endsWith("|x\n");
        assertThat(run.err()).contains("Maven could not be downloaded; using " + mvn);
    }

    @Test
    void withoutAnyMavenOneLineSaysWhatToInstall() throws IOException {
        Path path = Launched.pathOf(folder.resolve("path"), "dirname", "find", "head", "mkdir", "rm", "cat", "git");
        Launched launched = cloned(GOOD).with("PATH", path.toString());
        Launched.program(launched.file("mvnw"), "exit 1");
        Launched.Run run = launched.run("x");
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err().lines().skip(1))
                .singleElement()
                .asString()
                .startsWith("freshet: Maven could not be downloaded")
                .contains("install Maven");
    }

    @Test
    void aStartUpCacheThatIsDamagedIsIgnoredInSilence() throws IOException {
        Launched launched = cloned(GOOD);
        launched.run();
        Files.writeString(launched.file("cli/target/freshet.aot"), "no cache at all");
        Launched.Run run = launched.run("x");
        assertThat(run.out()).endsWith("|x\n");
        assertThat(run.err()).isEmpty();
    }

    private static CompletableFuture<Launched.Run> running(Launched launched, String argument) {
        return CompletableFuture.supplyAsync(() -> launched.run(argument), Thread::startVirtualThread);
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        Instant end = Instant.now().plusSeconds(LIMIT_SECONDS);
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).isBefore(end);
            Thread.sleep(20);
        }
    }
}
