package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The list of contents and the notices in the jar that is released, against what the jar is made of.
@Tag("jar")
class SupplyJarTest {
    private ZipFile jar;
    private JsonNode bom;

    @BeforeEach
    void open() throws Exception {
        jar = new ZipFile(System.getProperty("freshet.jar", "none"));
        bom = JsonMapper.builder().build().readTree(bytes("META-INF/sbom/freshet.cdx.json"));
    }

    @AfterEach
    void close() throws IOException {
        jar.close();
    }

    private byte[] bytes(String name) throws IOException {
        ZipEntry entry = jar.getEntry(name);
        assertThat(entry).as(name).isNotNull();
        return jar.getInputStream(entry).readAllBytes();
    }

    private Stream<JsonNode> components(String kind) {
        return bom.get("components").valueStream().filter(component -> {
            String purl = component.path("purl").asString("");
            return purl.startsWith("pkg:" + kind + "/") && !purl.startsWith("pkg:maven/dev.freshet/");
        });
    }

    private static String sha256(JsonNode component) {
        return component
                .get("hashes")
                .valueStream()
                .filter(hash -> hash.get("alg").asString().equals("SHA-256"))
                .map(hash -> hash.get("content").asString())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void everyLibraryIsTheFileThatWasRecorded() throws IOException {
        String recorded = Files.readString(Program.root().resolve(".mvn/checksums/checksums.sha256"));
        assertThat(components("maven"))
                .hasSizeGreaterThan(40)
                .allSatisfy(component -> assertThat(recorded).contains(sha256(component) + "  "));
    }

    /// A library's classes are found by its jar's description, which most have.
    @Test
    void whatIsPackedIsListed() {
        List<String> described = jar.stream()
                .map(ZipEntry::getName)
                .filter(name -> name.matches("META-INF/maven/[^/]+/[^/]+/pom.properties"))
                .map(name -> name.substring("META-INF/maven/".length(), name.lastIndexOf('/')))
                .filter(name -> !name.startsWith("dev.freshet/"))
                .toList();
        List<String> listed = components("maven")
                .flatMap(component -> Stream.concat(
                        Stream.of(component), component.path("components").valueStream()))
                .map(component -> component.get("group").asString() + "/"
                        + component.get("name").asString())
                .toList();
        assertThat(described).hasSizeGreaterThan(10);
        assertThat(listed).containsAll(described);
    }

    @Test
    void theChatPagesLibrariesAreListedAndAreWhatIsPacked() throws Exception {
        List<JsonNode> vendored = components("npm").toList();
        Path folder = Program.root().resolve("browser/chat/vendor");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(vendored).hasSize((int)
                    files.filter(file -> file.toString().endsWith(".mjs")).count());
        }
        for (JsonNode component : vendored) {
            String file = component.get("properties").get(0).get("value").asString();
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(bytes("dev/freshet/browser/chat/vendor/" + file));
            assertThat(HexFormat.of().formatHex(digest)).as(file).isEqualTo(sha256(component));
        }
    }

    @Test
    void everyLibraryHasALicenceThatIsAllowedAndItsNotice() throws IOException {
        Licences licences = Licences.read(Program.root().resolve("licences"));
        String notices = new String(bytes("META-INF/THIRD-PARTY.txt"), StandardCharsets.UTF_8);
        for (JsonNode component :
                Stream.concat(components("maven"), components("npm")).toList()) {
            String name = component.get("name").asString() + " "
                    + component.get("version").asString();
            List<String> offered = component
                    .get("licenses")
                    .valueStream()
                    .map(licence -> licence.get("license").path("id").asString(""))
                    .toList();
            assertThat(notices.lines())
                    .as(name)
                    .anyMatch(line -> line.contains(name) && line.endsWith("(" + licences.chosen(name, offered) + ")"));
        }
        assertThat(notices)
                .contains(
                        "Gil Tene", "JLine", "The Go Authors", "Eclipse Public License - v 2.0", "Werner Randelshofer");
        assertThat(new String(bytes("META-INF/LICENSE"), StandardCharsets.UTF_8))
                .contains("Apache License");
    }

    @Test
    void nothingInTheListChangesWithTimeOrChance() {
        assertThat(bom.has("serialNumber")).isFalse();
        assertThat(bom.get("metadata").has("timestamp")).isFalse();
    }
}
