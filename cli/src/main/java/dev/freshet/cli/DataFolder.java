package dev.freshet.cli;

import dev.freshet.gateway.config.ConfigException;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/// The folder that the gateway keeps its data in: readable by its owner only.
final class DataFolder {
    private DataFolder() {}

    /// Makes it, where it is not there.
    ///
    /// @throws ConfigException where it can not be made
    static void make(Path folder) {
        try {
            if (Files.isDirectory(folder)) return;
            boolean posix =
                    FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
            if (posix) {
                Files.createDirectories(
                        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            } else {
                Files.createDirectories(folder);
            }
        } catch (IOException e) {
            throw new ConfigException("the data folder " + folder.toAbsolutePath() + " cannot be made ("
                    + e.getMessage() + "); name another with `data:`");
        }
    }
}
