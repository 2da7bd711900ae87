package dev.freshet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Whatever is fetched is named by its exact version and by the hash of its bytes.
class SupplyTest {
    private static final Path ROOT = Program.root();
    private static final Pattern EXACT = Pattern.compile("\\d+\\.\\d+\\.\\d+[\\w.-]*");

    private static JsonNode json(String file) throws IOException {
        return JsonMapper.builder().build().readTree(Files.readString(ROOT.resolve(file)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"browser", "edge", "cli/src/test/clients"})
    void npmTakesExactVersionsWithTheirHashes(String folder) throws IOException {
        JsonNode manifest = json(folder + "/package.json");
        for (String kind : List.of("dependencies", "devDependencies"))
            assertThat(manifest.path(kind).valueStream().map(JsonNode::asString))
                    .allMatch(EXACT.asMatchPredicate());
        List<Map.Entry<String, JsonNode>> packages = json(folder + "/package-lock.json")
                .get("packages")
                .propertyStream()
                .filter(entry -> !entry.getKey().isEmpty())
                .toList();
        assertThat(packages)
                .isNotEmpty()
                .allSatisfy(
                        entry -> assertThat(entry.getValue().path("integrity").asString(""))
                                .as(entry.getKey())
                                .startsWith("sha512-"));
    }

    @Test
    void pipTakesExactVersionsWithTheirHashes() throws IOException {
        String all = Files.readString(ROOT.resolve("cli/src/test/clients/requirements.txt"))
                .replace("\\\n", "");
        List<String> requirements =
                all.lines().filter(line -> line.matches("\\w.*")).toList();
        assertThat(requirements)
                .hasSizeGreaterThan(10)
                .allMatch(line -> line.matches("[\\w-]+==\\S+ .*--hash=sha256:[0-9a-f]{64}.*"));
        for (String line : Files.readAllLines(ROOT.resolve("cli/src/test/clients/requirements.in")))
            assertThat(requirements).anyMatch(requirement -> requirement.startsWith(line + " "));
        assertThat(Files.readString(ROOT.resolve("check"))).contains("--require-hashes --only-binary :all:");
    }

    /// Lists of files that this test does not know would not be checked by it.
    @Test
    void thereAreNoOtherListsOfPackages() throws IOException {
        try (var files = Files.find(
                ROOT, 6, (file, _) -> file.getFileName().toString().matches("package\\.json|requirements.*\\.txt"))) {
            assertThat(files.map(file -> ROOT.relativize(file).toString())
                            .filter(file -> !file.matches("(.*/)?(node_modules|target|\\.cache)/.*")))
                    .containsExactlyInAnyOrder(
                            "browser/package.json",
                            "edge/package.json",
                            "cli/src/test/clients/package.json",
                            "cli/src/test/clients/requirements.txt");
        }
    }

    /// An older Maven does not hold what it resolves against the list, so a plugin or library that is new in a build
    /// file is noticed here.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "pom.xml",
                "sse/pom.xml",
                "simulator/pom.xml",
                "gateway/pom.xml",
                "client/pom.xml",
                "cli/pom.xml",
                "bench/pom.xml"
            })
    void whatABuildFileNamesWithAVersionIsRecorded(String file) throws IOException {
        String recorded = Files.readString(ROOT.resolve(".mvn/checksums/checksums.sha256"));
        // Bound to phases that no build of ours reaches.
        Pattern never = Pattern.compile("maven-(install|deploy|site)-plugin");
        var named = Pattern.compile(
                        "(?:<groupId>([\\w.-]+)</groupId>\\s*)?<artifactId>([\\w.-]+)</artifactId>\\s*<version>(\\d[\\w.-]*)</version>")
                .matcher(Files.readString(ROOT.resolve(file)));
        while (named.find()) {
            String group = named.group(1) == null ? "org.apache.maven.plugins" : named.group(1);
            if (group.equals("dev.freshet") || never.matcher(named.group(2)).matches()) continue;
            String path = group.replace('.', '/') + "/" + named.group(2) + "/" + named.group(3) + "/";
            assertThat(recorded).as("%s; run: bin/artifacts record", path).contains("  " + path);
        }
    }
}
