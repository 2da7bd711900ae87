package dev.freshet.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What users of the library rely on does not change by accident: `client/api.txt` lists it. `./mvnw -pl
/// client -am test -Dtest=ApiTest -Dsurefire.failIfNoSpecifiedTests=false -Dapi.write` writes it anew.
class ApiTest {
    private static final Path FILE = Path.of(System.getProperty("freshet.root"), "client", "api.txt");

    @Test
    void thePublicApiIsAsItIsWrittenDown() throws Exception {
        String api = classes().stream().map(ApiTest::lines).collect(Collectors.joining("\n"));
        if (System.getProperty("api.write") != null) Files.writeString(FILE, api);
        assertThat(api)
                .as("client/api.txt; where the change is meant, write it anew with -Dapi.write")
                .isEqualTo(Files.readString(FILE));
    }

    /// The types that are public, in the order of their names.
    static List<Class<?>> classes() throws IOException, URISyntaxException, ClassNotFoundException {
        Path folder = Path.of(
                        FreshetClient.class.getResource("FreshetClient.class").toURI())
                .getParent();
        TreeSet<String> names = new TreeSet<>();
        try (Stream<Path> files = Files.list(folder)) {
            files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".class"))
                    .forEach(name -> names.add(name.replace(".class", "")));
        }
        Stream.Builder<Class<?>> all = Stream.builder();
        for (String name : names) {
            if (name.endsWith("-info")) continue;
            Class<?> one = Class.forName("dev.freshet.client." + name);
            if (isPublic(one)) all.add(one);
        }
        return all.build().toList();
    }

    private static boolean isPublic(Class<?> one) {
        Class<?> outer = one.getEnclosingClass();
        return Modifier.isPublic(one.getModifiers()) && !one.isAnonymousClass() && (outer == null || isPublic(outer));
    }

    private static String lines(Class<?> type) {
        TreeSet<String> members = new TreeSet<>();
        for (Field one : type.getDeclaredFields()) if (shown(one.getModifiers())) members.add(one.toGenericString());
        for (Constructor<?> one : type.getDeclaredConstructors())
            if (shown(one.getModifiers())) members.add(one.toGenericString());
        for (Method one : type.getDeclaredMethods())
            if (shown(one.getModifiers()) && !one.isSynthetic()) members.add(one.toGenericString());
        String head = type.toGenericString()
                + Arrays.stream(type.getInterfaces())
                        .map(one -> " : " + one.getTypeName())
                        .collect(Collectors.joining());
        return head + "\n" + members.stream().map(one -> "    " + one + "\n").collect(Collectors.joining());
    }

    private static boolean shown(int modifiers) {
        return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
    }
}
