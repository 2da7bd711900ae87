package dev.freshet.gateway.meter;

import dev.freshet.gateway.database.PrivateFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells the work of this process from that of dead ones, and of others that live on the same folder: each
/// locks a file of its own, which the system gives free when it dies. Owned by who opened it.
final class Runs implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Runs.class);

    private static final String PREFIX = "ledger-";
    private static final String SUFFIX = ".lock";

    private final @Nullable Path folder;
    private final String name;
    private final @Nullable FileChannel locked;

    private Runs(@Nullable Path folder, String name, @Nullable FileChannel locked) {
        this.folder = folder;
        this.name = name;
        this.locked = locked;
    }

    /// @param folder null where nothing outlives the process
    static Runs begin(@Nullable Path folder) {
        String name = UUID.randomUUID().toString();
        if (folder == null) return new Runs(null, name, null);
        try {
            PrivateFile.create(file(folder, name));
            FileChannel file = FileChannel.open(file(folder, name), StandardOpenOption.WRITE);
            file.lock();
            return new Runs(folder, name, file);
        } catch (IOException e) {
            throw new LedgerException(
                    "the data folder " + folder.toAbsolutePath() + " cannot be written to (" + e.getMessage()
                            + "); make it writable, or name another with `data:`",
                    e);
        }
    }

    private static Path file(Path folder, String name) {
        return folder.resolve(PREFIX + name + SUFFIX);
    }

    String name() {
        return name;
    }

    /// Whether the process that did some work has died. Its file is removed.
    boolean dead(String other) {
        if (folder == null || other.equals(name)) return false;
        Path file = file(folder, other);
        if (!Files.exists(file)) return true;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            if (lock == null) return false;
            Files.deleteIfExists(file);
            return true;
        } catch (OverlappingFileLockException e) {
            return false;
        } catch (IOException e) {
            LOG.warn("{} is taken for that of a live process: {}", file, e.getMessage());
            return false;
        }
    }

    /// Removes the files of all processes that have died.
    void sweep() {
        if (folder == null) return;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, PREFIX + "*" + SUFFIX)) {
            for (Path file : files) {
                String whole = file.getFileName().toString();
                dead(whole.substring(PREFIX.length(), whole.length() - SUFFIX.length()));
            }
        } catch (IOException e) {
            LOG.warn("old locks stay in {}: {}", folder, e.getMessage());
        }
    }

    @Override
    public void close() {
        if (folder == null || locked == null) return;
        try {
            locked.close();
            Files.deleteIfExists(file(folder, name));
        } catch (IOException e) {
            LOG.debug("a lock that nobody needs any more", e);
        }
    }
}
