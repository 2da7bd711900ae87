package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The launcher: which JDK it takes, and how it gets one.
@Tag("program")
class LauncherTest {
    @TempDir
    Path folder;

    private Launched launched;
    private Path jdk25;

    @BeforeEach
    void prepare() throws IOException {
        launched = Launched.release(folder.resolve("release"));
        jdk25 = folder.resolve("places/jdk-25");
        Launched.fakeJdk(jdk25, "25.0.3");
        Launched.fakeJdk(folder.resolve("places/jdk-17"), "17.0.15");
    }

    private String places() {
        return folder.resolve("places/jdk-17") + " " + jdk25;
    }

    @Test
    void aJdk25InTheUsualPlaceIsFoundBehindAnOlderOne() {
        Launched.Run run = launched.with("FRESHET_JDK_SEARCH", places()).run();
        assertThat(run.out()).isEqualTo(jdk25 + "\n");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void aJavaHomeThatIsTooOldIsPassedOver() {
        String old = folder.resolve("places/jdk-17").toString();
        Launched.Run run = launched.with("JAVA_HOME", old)
                .with("FRESHET_JDK_SEARCH", places())
                .run();
        assertThat(run.out()).isEqualTo(jdk25 + "\n");
    }

    @Test
    void aJavaHomeThatIsGoodIsTaken() throws IOException {
        Path mine = folder.resolve("mine");
        Launched.fakeJdk(mine, "26");
        assertThat(launched.with("JAVA_HOME", mine.toString())
                        .with("FRESHET_JDK_SEARCH", places())
                        .run()
                        .out())
                .isEqualTo(mine + "\n");
    }

    @Test
    void theJdkThatIsNamedForFreshetComesFirst() throws IOException {
        Path mine = folder.resolve("mine");
        Launched.fakeJdk(mine, "25.0.1");
        assertThat(launched.with("FRESHET_JAVA_HOME", mine.toString())
                        .with("JAVA_HOME", jdk25.toString())
                        .run()
                        .out())
                .isEqualTo(mine + "\n");
    }

    @Test
    void argumentsAreUtf8WhereNobodyHasSetALocale() throws IOException {
        Path typed = folder.resolve("typed");
        Launched.program(typed, "unset LC_CTYPE LANG; LC_ALL=C exec " + launched.launcher() + " 'na\u00efve \u20ac'");
        Launched.Run run = launched.with("FRESHET_JDK_SEARCH", places()).run(typed);
        assertThat(run.out()).isEqualTo(jdk25 + "|na\u00efve \u20ac\n");
    }

    @Test
    void argumentsAndTheExitCodePassThrough() {
        Launched.Run run = launched.with("FRESHET_JDK_SEARCH", places()).run("a b", "", "*");
        assertThat(run.out()).isEqualTo(jdk25 + "|a b||*\n");
        assertThat(run.code()).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"-XX:+UseSerialGC", "-Dx=1 -XX:+UseZGC -Dy=2", "-XX:+UseG1GC"})
    void thePersonsOptionsMayNameAnotherCollector(String options) {
        Launched.Run run = launched.with("FRESHET_JDK_SEARCH", places())
                .with("FRESHET_JAVA_OPTS", options)
                .run("x");
        assertThat(run.out()).isEqualTo(jdk25 + "|x\n");
    }

    @Test
    void aLinkToTheLauncherWorks() throws IOException {
        Path link = Files.createSymbolicLink(folder.resolve("link"), launched.launcher());
        assertThat(launched.with("FRESHET_JDK_SEARCH", places()).run(link, "x").out())
                .isEqualTo(jdk25 + "|x\n");
    }

    @Test
    void whereThereIsNoneOneLineSaysWhatToInstall() {
        Launched.Run run = launched.run("version");
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err())
                .startsWith("freshet: no JDK 25")
                .contains("FRESHET_GET_JDK=yes")
                .containsOnlyOnce("\n");
    }

    @Test
    void aJdkIsFetchedOnceAndFoundTheNextTime() throws Exception {
        byte[] archive = archive();
        AtomicInteger asked = new AtomicInteger();
        HttpServer server = serving(archive, archive.length, asked);
        try {
            fetching(server, sha256(archive));
            Launched.Run first = launched.run("x");
            assertThat(first.out()).as(first.err()).endsWith("|x\n");
            assertThat(first.err()).contains("Downloading a JDK from http://127.0.0.1:");
            assertThat(launched.run("y").err()).isEmpty();
            assertThat(asked).hasValue(1);
        } finally {
            server.stop(0);
        }
    }

    @Test
    void anArchiveThatIsNotTheExpectedOneIsRefusedAndNothingIsLeft() throws Exception {
        byte[] archive = archive();
        HttpServer server = serving(archive, archive.length, new AtomicInteger());
        try {
            fetching(server, "0".repeat(64));
            assertRefused("not the expected file");
        } finally {
            server.stop(0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"no archive at all", "17.0.15"})
    void anExpectedFileThatHoldsNoJdk25IsSaidAndNothingIsLeft(String content) throws Exception {
        byte[] archive = content.startsWith("17") ? archive(content) : content.getBytes(StandardCharsets.UTF_8);
        HttpServer server = serving(archive, archive.length, new AtomicInteger());
        try {
            fetching(server, sha256(archive));
            assertRefused("could not be unpacked, or is no JDK 25");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void aDownloadThatBreaksOffLeavesNothing() throws Exception {
        byte[] archive = archive();
        HttpServer server = serving(archive, archive.length + 1000, new AtomicInteger());
        try {
            fetching(server, sha256(archive));
            assertRefused("could not be downloaded");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void withoutANetworkOneLineSaysSo() {
        launched.with("FRESHET_GET_JDK", "yes")
                .with("FRESHET_JDK_URL", "http://127.0.0.1:9/jdk.tar.gz")
                .with("FRESHET_JDK_SHA256", "0");
        assertRefused("could not be downloaded");
    }

    private void assertRefused(String words) {
        Launched.Run run = launched.run("x");
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out()).isEmpty();
        assertThat(run.err().lines().filter(line -> !line.startsWith("Downloading")))
                .singleElement()
                .asString()
                .startsWith("freshet: ")
                .contains(words);
        try (Stream<Path> left = Files.list(launched.cache())) {
            assertThat(left).isEmpty();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void fetching(HttpServer server, String sha256) {
        launched.with("FRESHET_GET_JDK", "yes")
                .with(
                        "FRESHET_JDK_URL",
                        "http://127.0.0.1:" + server.getAddress().getPort() + "/jdk.tar.gz")
                .with("FRESHET_JDK_SHA256", sha256);
    }

    /// @param promised the length that the answer's head names
    private static HttpServer serving(byte[] archive, int promised, AtomicInteger asked) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/jdk.tar.gz", exchange -> {
            asked.incrementAndGet();
            exchange.sendResponseHeaders(200, promised);
            exchange.getResponseBody().write(archive);
            exchange.close();
        });
        server.start();
        return server;
    }

    private byte[] archive() throws IOException, InterruptedException {
        return archive("25.0.4");
    }

    private byte[] archive(String version) throws IOException, InterruptedException {
        Path tree = folder.resolve("tree");
        Launched.fakeJdk(tree.resolve("jdk-test"), version);
        Path file = folder.resolve("jdk.tar.gz");
        Process tar = new ProcessBuilder("tar", "-czf", file.toString(), "-C", tree.toString(), "jdk-test").start();
        assertThat(tar.waitFor()).isZero();
        return Files.readAllBytes(file);
    }

    private static String sha256(byte[] bytes) throws NoSuchAlgorithmException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
