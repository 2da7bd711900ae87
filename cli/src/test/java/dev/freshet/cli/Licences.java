package dev.freshet.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which licences a library in a release may have, from the folder `licences`.
///
/// @param folder where the texts lie that jars lack
/// @param allowed SPDX ids, the most wanted first
/// @param corrected what a POM says wrongly, by `group/artifact : what it says`, and the SPDX id that it means
record Licences(Path folder, List<String> allowed, Map<String, String> corrected) {
    static Licences read(Path folder) throws IOException {
        Map<String, String> corrected = new LinkedHashMap<>();
        for (String line : lines(folder.resolve("corrected.txt"))) {
            int colon = line.lastIndexOf(" : ");
            corrected.put(line.substring(0, colon), line.substring(colon + 3));
        }
        return new Licences(folder, lines(folder.resolve("allowed.txt")), corrected);
    }

    private static List<String> lines(Path file) throws IOException {
        return Files.readAllLines(file).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .toList();
    }

    /// The licence's SPDX id, where a POM names it loosely.
    String meant(String group, String artifact, String stated) {
        return Optional.ofNullable(corrected.get(group + "/" + artifact + " : " + stated))
                .or(() -> Optional.ofNullable(corrected.get(group + "/* : " + stated)))
                .orElse(stated);
    }

    /// The one to take of those that a library offers, each alone or several joined by `or`.
    ///
    /// @throws IllegalStateException where none is allowed
    String chosen(String library, List<String> offered) {
        List<String> each = offered.stream()
                .flatMap(licence -> Arrays.stream(licence.split("(?i) or ", -1)))
                .toList();
        return allowed.stream()
                .filter(each::contains)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(library + " has the licence " + each
                        + ", which is not in licences/allowed.txt; take another library, or see licences/README.md"));
    }

    /// The text that is shipped for a group whose jars have none.
    Optional<String> text(String group) throws IOException {
        Path file = folder.resolve(group + ".txt");
        return Files.exists(file) ? Optional.of(Files.readString(file)) : Optional.empty();
    }
}
