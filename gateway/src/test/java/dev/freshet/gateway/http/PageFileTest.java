package dev.freshet.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

class PageFileTest {
    private static final Path BROWSER = Path.of(System.getProperty("freshet.root"), "browser");

    /// A module that is forgotten in the list would be a page that does not start.
    @Test
    void everyFileOfThePageAndItsLibraryIsServed() throws IOException {
        assertThat(files()).isNotEmpty().containsExactlyInAnyOrderElementsOf(PageFile.NAMES);
    }

    private static List<String> files() throws IOException {
        try (Stream<Path> library = Files.list(BROWSER);
                Stream<Path> page = Files.walk(BROWSER.resolve("chat"))) {
            return Stream.concat(library.filter(file -> file.toString().endsWith(".js")), page)
                    .filter(Files::isRegularFile)
                    .map(file -> BROWSER.relativize(file).toString())
                    .filter(name -> !name.endsWith(".d.mts"))
                    .filter(name -> !name.equals("chat/vendor/renew.js") && !name.equals("chat/vendor/vendor.json"))
                    .toList();
        }
    }

    /// A module that is not would be found late, by the one that imports it.
    @Test
    void everyModuleIsLoadedAtOnce() throws IOException {
        String index = Files.readString(BROWSER.resolve(PageFile.INDEX));
        List<String> late =
                List.of("chat/vendor/highlight.mjs", "chat/vendor/temml.mjs"); // when there is code, a formula
        for (String name : PageFile.NAMES) {
            if (!name.endsWith("js") || late.contains(name)) continue;
            assertThat(index).containsPattern("(href|src)=\"/" + name + "\"");
        }
    }

    @Test
    void eachIsWhatStandsThereCompressedToo() throws IOException {
        for (String name : PageFile.NAMES) {
            PageFile file = PageFile.read(name);
            assertThat(file.plain()).isEqualTo(Files.readAllBytes(BROWSER.resolve(name)));
            try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(file.compressed()))) {
                assertThat(in.readAllBytes()).isEqualTo(file.plain());
            }
        }
    }
}
