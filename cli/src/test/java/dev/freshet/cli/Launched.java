package dev.freshet.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
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

/// The launcher as it is, in a temporary folder, with a program that prints what it was started with.
final class Launched {
    private final Path folder;
    private final Path launcher;
    private final Map<String, String> environment = new HashMap<>();

    private Launched(Path folder, Path launcher) {
        this.folder = folder;
        this.launcher = launcher;
        environment.put("HOME", folder.toString());
        environment.put("XDG_CACHE_HOME", folder.resolve("cache").toString());
        environment.put("FRESHET_JDK_SEARCH", "");
    }

    /// A release's layout.
    static Launched release(Path folder) throws IOException {
        copy("freshet", folder.resolve("bin/freshet"));
        copy("bin/jdk.sh", folder.resolve("lib/jdk.sh"));
        jar(folder.resolve("lib/freshet.jar"));
        return new Launched(folder, folder.resolve("bin/freshet"));
    }

    /// A clone that nobody has built, with a Maven that counts its builds in the file `builds`.
    ///
    /// @param build what that Maven does, as shell commands; `built.jar` is what a build should make
    static Launched cloned(Path folder, String build) throws IOException {
        copy("freshet", folder.resolve("freshet"));
        copy("check", folder.resolve("check"));
        copy("bin/jdk.sh", folder.resolve("bin/jdk.sh"));
        copy("bin/artifacts", folder.resolve("bin/artifacts"));
        copy(".mvn/checksums/checksums.sha256", folder.resolve(".mvn/checksums/checksums.sha256"));
        jar(folder.resolve("built.jar"));
        Files.writeString(folder.resolve("pom.xml"), "");
        Files.createDirectories(folder.resolve("cli/src/main"));
        Files.writeString(folder.resolve("cli/src/main/Source.java"), "");
        Launched launched = new Launched(folder, folder.resolve("freshet"));
        program(
                folder.resolve("mvnw"),
                "[ \"$1\" = -v ] && exit 0; cd " + folder + " && echo build >>builds\n" + build);
        return launched;
    }

    Launched with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    Path file(String name) {
        return folder.resolve(name);
    }

    Path launcher() {
        return launcher;
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
            Path errors = Files.createTempFile(folder, "run", ".err");
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

    /// Whether a run, perhaps one that still runs, has printed words on standard error.
    boolean printed(String words) {
        try (DirectoryStream<Path> errors = Files.newDirectoryStream(folder, "*.err")) {
            for (Path file : errors) if (Files.readString(file).contains(words)) return true;
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A folder that looks like a JDK of a version. Its `java` is the running one, by a script.
    static void fakeJdk(Path home, String version) throws IOException {
        Path java = Path.of(System.getProperty("java.home"), "bin/java");
        Files.createDirectories(home);
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"Test\"\nJAVA_VERSION=\"" + version + "\"\n");
        for (String program : List.of("bin/java", "bin/javac")) {
            program(home.resolve(program), "FAKE_HOME=" + home + " exec " + java + " \"$@\"");
        }
    }

    /// A folder for the path, with just some of this machine's programs.
    static Path pathOf(Path folder, String... programs) throws IOException {
        for (String name : programs) program(folder.resolve(name), "exec " + Program.onPath(name) + " \"$@\"");
        return folder;
    }

    /// A program that runs shell commands.
    static void program(Path file, String commands) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + commands + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
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
