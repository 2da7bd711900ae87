package dev.freshet.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// What the sources say of the public types.
class DocumentationTest {
    private static final Path SOURCES =
            Path.of(System.getProperty("freshet.root"), "client/src/main/java/dev/freshet/client");
    private static final Pattern COMMENT_OF_TYPE = Pattern.compile(
            "((?:^ *///.*\n)*)(?:^ *@.*\n)*^(public|    public static) (?:\\w+(?:-\\w+)? )*(?:class|interface|record|enum) \\w+",
            Pattern.MULTILINE);

    /// The comment of the type in a file of its name.
    private static String comment(Class<?> type) throws IOException {
        Matcher found = COMMENT_OF_TYPE.matcher(Files.readString(SOURCES.resolve(type.getSimpleName() + ".java")));
        assertThat(found.find()).as("%s is found in its file", type).isTrue();
        return found.group(1);
    }

    @Test
    void eachPublicTypeSaysWhatItIsForAndWhichThreadsMayUseIt() throws Exception {
        List<String> silent = new ArrayList<>();
        for (Class<?> type : ApiTest.classes()) {
            if (type.getEnclosingClass() != null) continue; // what is inside is as its outer type says
            String comment = comment(type);
            if (comment.isBlank() || !comment.matches("(?s).*(Immutable|[Tt]hread).*")) silent.add(type.getName());
        }
        assertThat(silent).isEmpty();
    }
}
