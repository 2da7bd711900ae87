package dev.freshet.cli;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Run by the build: takes CycloneDX's list of what is in `freshet.jar`, adds the chat page's libraries, and writes it
/// and the notices
/// that the libraries' licences ask for. A licence that is not allowed, or whose text is missing, fails the build.
final class ReleasePapers {
    private static final ObjectMapper JSON = JsonMapper.builder().build();
    private static final Pattern TEXT = Pattern.compile("(?i)(licen[sc]e|copying)");
    private static final String RULE = "=".repeat(100) + "\n";

    private final Path vendor;
    private final Licences licences;
    private final String apache;
    /// By a text, for whom it is.
    private final Map<String, List<String>> texts = new LinkedHashMap<>();

    private ReleasePapers(Path root) throws IOException {
        vendor = root.resolve("browser/chat/vendor");
        licences = Licences.read(root.resolve("licences"));
        apache = Files.readString(root.resolve("LICENSE"));
    }

    /// @param arguments the project's root, CycloneDX's file, and the folder `META-INF` to write into
    public static void main(String[] arguments) throws IOException {
        ReleasePapers papers = new ReleasePapers(Path.of(arguments[0]));
        JsonNode bom = papers.complete(JSON.readTree(Files.readString(Path.of(arguments[1]))));
        Path folder = Path.of(arguments[2]);
        Files.createDirectories(folder.resolve("sbom"));
        Files.writeString(
                folder.resolve("sbom/freshet.cdx.json"),
                JSON.writerWithDefaultPrettyPrinter().writeValueAsString(bom) + "\n");
        Files.writeString(folder.resolve("THIRD-PARTY.txt"), papers.notices());
    }

    private JsonNode complete(JsonNode bom) throws IOException {
        ArrayNode components = (ArrayNode) bom.get("components");
        for (JsonNode component : components) {
            if (!component.path("group").asString().equals("dev.freshet")) library((ObjectNode) component);
        }
        ArrayNode edges = ((ArrayNode) bom.get("dependencies"))
                .addObject()
                .put("ref", "chat-page")
                .putArray("dependsOn");
        for (JsonNode entry : JSON.readTree(Files.readString(vendor.resolve("vendor.json")))) {
            ObjectNode component = vendored(entry);
            components.add(component);
            edges.add(component.get("bom-ref"));
        }
        components
                .addObject()
                .put("type", "application")
                .put("bom-ref", "chat-page")
                .put("name", "chat-page")
                .set("licenses", licence("Apache-2.0"));
        return bom;
    }

    private void library(ObjectNode component) throws IOException {
        String group = component.get("group").asString();
        String artifact = component.get("name").asString();
        List<String> offered = new ArrayList<>();
        for (JsonNode stated : component.path("licenses")) {
            ObjectNode licence = (ObjectNode) stated.path("license");
            String name = licence.path("id").asString(licence.path("name").asString(""));
            String meant = licences.meant(group, artifact, name);
            if (!meant.equals(name)) licence.removeAll().put("id", meant);
            offered.add(meant);
        }
        String name = group + ":" + artifact + " " + component.get("version").asString();
        String chosen = licences.chosen(name, offered);
        notice(name + " (" + chosen + ")", chosen, textsOf(component, chosen));
    }

    /// A library that another's jar has inside, as Netty's has JCTools: known by its description there. Which licence
    /// it has is said in `licences/corrected.txt`.
    private void bundled(ObjectNode component, JarFile jar, JarEntry description) throws IOException {
        Properties named = new Properties();
        named.load(jar.getInputStream(description));
        String group = named.getProperty("groupId");
        String artifact = named.getProperty("artifactId");
        String version = named.getProperty("version");
        if (group.equals(component.get("group").asString())) return;
        String name = group + ":" + artifact + " " + version;
        String chosen = licences.chosen(name, List.of(licences.meant(group, artifact, "")));
        List<String> text = licences.text(group).map(List::of).orElse(List.of());
        notice(name + ", inside " + component.get("name").asString() + " (" + chosen + ")", chosen, text);
        String purl = "pkg:maven/" + group + "/" + artifact + "@" + version;
        ObjectNode inside = component.withArray("components").addObject();
        inside.put("type", "library").put("bom-ref", purl).put("group", group).put("name", artifact);
        inside.put("version", version).set("licenses", licence(chosen));
        inside.put("purl", purl);
    }

    private List<String> textsOf(ObjectNode component, String chosen) throws IOException {
        List<String> found = new ArrayList<>();
        licences.text(component.get("group").asString()).ifPresent(found::add);
        try (JarFile jar = new JarFile(jarOf(component))) {
            for (JarEntry entry : jar.stream().toList()) {
                if (entry.getName().matches("META-INF/maven/[^/]+/[^/]+/pom.properties"))
                    bundled(component, jar, entry);
                String name = entry.getName().substring(entry.getName().lastIndexOf('/') + 1);
                boolean apacheItself =
                        chosen.equals("Apache-2.0") && entry.getName().matches("META-INF/LICENSE(\\.txt|\\.md)?");
                if (TEXT.matcher(name).find() && !name.endsWith(".class") && !apacheItself)
                    found.add(new String(jar.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        return found;
    }

    private static File jarOf(JsonNode component) {
        String purl = component.get("purl").asString();
        String classifier = purl.contains("classifier=") ? "-" + purl.replaceFirst(".*classifier=([^&]*).*", "$1") : "";
        String file = component.get("name").asString() + "-"
                + component.get("version").asString() + classifier + ".jar";
        for (String path : System.getProperty("java.class.path").split(File.pathSeparator, -1))
            if (new File(path).getName().equals(file)) return new File(path);
        throw new IllegalStateException(file + " is in the list of contents, and not on the class path");
    }

    private ObjectNode vendored(JsonNode entry) throws IOException {
        String name = entry.get("package").asString();
        String version = entry.get("version").asString();
        String chosen = licences.chosen(name, List.of(entry.get("licence").asString()));
        Path text = vendor.resolve(entry.get("file").asString().replace(".mjs", ".LICENSE.txt"));
        notice(name + " " + version + ", in the chat page (" + chosen + ")", chosen, List.of(Files.readString(text)));
        String purl = "pkg:npm/" + name.replace("@", "%40") + "@" + version;
        ObjectNode component = JSON.createObjectNode();
        component.put("type", "library").put("bom-ref", purl).put("name", name).put("version", version);
        component.put("scope", "required");
        // Of the one file that is here, not of the package that it came in.
        component.putArray("hashes").addObject().put("alg", "SHA-256").set("content", entry.get("sha256"));
        component.set("licenses", licence(chosen));
        component.put("purl", purl);
        component.putArray("properties").addObject().put("name", "freshet:file").set("value", entry.get("file"));
        return component;
    }

    private static ArrayNode licence(String id) {
        ArrayNode licences = JSON.createArrayNode();
        licences.addObject().putObject("license").put("id", id);
        return licences;
    }

    private void notice(String library, String chosen, List<String> found) {
        if (!chosen.equals("Apache-2.0") && found.isEmpty())
            throw new IllegalStateException(
                    library + " has no text of its licence; put it into licences/, see licences/README.md");
        if (chosen.equals("Apache-2.0")) noticed(apache, library);
        for (String text : found) noticed(text, library);
    }

    private void noticed(String text, String library) {
        List<String> libraries = texts.computeIfAbsent(text.strip(), _ -> new ArrayList<>());
        if (!libraries.contains(library)) libraries.add(library);
    }

    private String notices() {
        StringBuilder all = new StringBuilder(String.format(Locale.ROOT, """
                Freshet is under the Apache License 2.0. It contains the libraries below, unchanged, under their own licences.
                What they want to be told besides is in META-INF/NOTICE.
                """));
        texts.forEach((text, libraries) -> {
            all.append('\n').append(RULE);
            libraries.forEach(library -> all.append(library).append('\n'));
            all.append(RULE).append(text).append('\n');
        });
        return all.toString();
    }
}
