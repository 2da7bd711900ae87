package dev.freshet.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;

/// A release's layout in a temporary folder: the launcher as it is, and a program that prints what it was
/// started with.
final class Launched {
    private final Path folder;
    private final Map<String, String> environment = new HashMap<>();

    Launched(Path folder) throws IOException {
        this.folder = folder;
        copy("freshet", folder.resolve("bin/freshet"));
        copy("bin/jdk.sh", folder.resolve("lib/jdk.sh"));
        jar(folder.resolve("lib/freshet.jar"));
        environment.put("HOME", folder.toString());
        environment.put("XDG_CACHE_HOME", folder.resolve("cache").toString());
        environment.put("FRESHET_JDK_SEARCH", "");
    }

    Launched with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    Path launcher() {
        return folder.resolve("bin/freshet");
    }

    Path cache() {
        return folder.resolve("cache/freshet/jdk");
    }

    /// What a run printed, and how it ended.
    record Run(int code, String out, String err) {}

    Run run(Path launcher, String... arguments) {
        List<String> command = new ArrayList<>(List.of("/bin/sh", launcher.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("FRESHET_") || name.equals("JAVA_HOME"));
        builder.environment().putAll(environment);
        builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
        try {
            Path errors = Files.createTempFile(folder, "err", "");
            Process process = builder.redirectError(errors.toFile()).start();
            String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Run(process.waitFor(), out, Files.readString(errors));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    Run run(String... arguments) {
        return run(launcher(), arguments);
    }

    /// A folder that looks like a JDK of a version. Its `java` is the running one, by a script.
    static void fakeJdk(Path home, String version) throws IOException {
        Path java = Path.of(System.getProperty("java.home"), "bin/java");
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"Test\"\nJAVA_VERSION=\"" + version + "\"\n");
        for (String program : List.of("bin/java", "bin/javac")) {
            Files.writeString(home.resolve(program), "#!/bin/sh\nFAKE_HOME=" + home + " exec " + java + " \"$@\"\n");
            Files.setPosixFilePermissions(home.resolve(program), PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    private static void copy(String from, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        Files.copy(Program.root().resolve(from), to);
    }

    private static void jar(Path to) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, Echo.class.getName());
        String entry = Echo.class.getName().replace('.', '/') + ".class";
        try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(to), manifest);
                var bytes = Echo.class.getResourceAsStream("Echo.class")) {
            jar.putNextEntry(new ZipEntry(entry));
            if (bytes != null) bytes.transferTo(jar);
        }
    }
}
