package dev.freshet.gateway;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// Which package may know which: the table of the architecture page.
class PackageRulesTest {
    private static final String ROOT = "dev.freshet.gateway";
    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages(ROOT);

    /// What each package may know of ours, besides itself.
    private static final Map<String, List<String>> MAY_KNOW = Map.ofEntries(
            Map.entry("access", List.of("database", "model", "meter")),
            Map.entry("database", List.of()),
            Map.entry("meter", List.of("database", "model")),
            Map.entry("config", List.of("guard", "model")),
            Map.entry("guard", List.of("model")),
            Map.entry("model", List.of()),
            Map.entry("http", List.of("exchange", "stream", "access", "dialect", "net", "model")),
            Map.entry(
                    "exchange",
                    List.of(
                            "route",
                            "net",
                            "upstream",
                            "dialect",
                            "stream",
                            "guard",
                            "meter",
                            "access",
                            "telemetry",
                            "model")),
            Map.entry("route", List.of("model")),
            Map.entry("net", List.of()),
            Map.entry("upstream", List.of("net", "dialect", "model")),
            Map.entry("dialect", List.of("model")),
            Map.entry("stream", List.of("database", "model")),
            Map.entry("telemetry", List.of("model")));

    @Test
    void everyPackageHasItsRow() {
        Set<String> packages = new TreeSet<>();
        for (JavaClass type : CLASSES) {
            if (!type.getPackageName().equals(ROOT)) packages.add(top(type));
        }
        assertThat(packages).isEqualTo(new TreeSet<>(MAY_KNOW.keySet()));
    }

    @Test
    void packagesKnowOnlyWhatTheTableAllows() {
        MAY_KNOW.forEach((name, known) -> {
            List<String> others = MAY_KNOW.keySet().stream()
                    .filter(other -> !other.equals(name) && !known.contains(other))
                    .map(PackageRulesTest::pattern)
                    .toList();
            noClasses()
                    .that()
                    .resideInAPackage(pattern(name))
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(others.toArray(String[]::new))
                    .check(CLASSES);
        });
    }

    @Test
    void thereAreNoCycles() {
        slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    @Test
    void nettyAppearsOnlyAtTheEdges() {
        noClasses()
                .that()
                .resideOutsideOfPackages(ROOT, pattern("net"), pattern("http"), pattern("upstream"))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty..")
                .check(CLASSES);
    }

    @Test
    void theModelDoesNoInputOrOutputAndHasNoClock() {
        noClasses()
                .that()
                .resideInAPackage(pattern("model"))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.io..", "java.nio..", "java.net.http..")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(System.class, "currentTimeMillis")
                .check(CLASSES);
    }

    @Test
    void namesSayWhatThingsAre() {
        noClasses()
                .should()
                .haveNameMatching(".*(Manager|Helper|Utils?|Impl|Processor|Data)$")
                .check(CLASSES);
        classes().should().resideInAPackage(ROOT + "..").check(CLASSES);
    }

    private static String top(JavaClass type) {
        return type.getPackageName().substring(ROOT.length() + 1).replaceFirst("\\..*", "");
    }

    private static String pattern(String name) {
        return ROOT + "." + name + "..";
    }
}
