package dev.freshet.gateway.stream.disk;

import dev.freshet.gateway.database.PrivateFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/// The streams that outlived the store's failure in memory only, noted so that after a restart nobody is
/// told that they are all there. The file has its full size from the beginning, so that it can be written
/// to on a full disk. It is locked, so that no two processes use one folder. Owned by one thread.
final class LostStreams implements AutoCloseable {
    private static final int MOST = 20_000;
    private static final int ID_BYTES = 22;

    private final FileChannel channel;

    private LostStreams(FileChannel channel) {
        this.channel = channel;
    }

    /// @throws StoreException where another process uses the folder
    static LostStreams open(Path folder) throws IOException {
        Path file = folder.resolve("streams.lost");
        boolean fresh = !Files.exists(file);
        if (fresh) PrivateFile.create(file);
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        if (!lock(channel)) {
            channel.close();
            throw new StoreException("another gateway uses the folder " + folder.toAbsolutePath()
                    + "; stop it, or name another folder with `data:`");
        }
        LostStreams lost = new LostStreams(channel);
        if (fresh || channel.size() < (long) MOST * ID_BYTES) lost.clear();
        return lost;
    }

    private static boolean lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    /// The ids that are noted.
    List<String> read() throws IOException {
        ByteBuffer all = ByteBuffer.allocate(MOST * ID_BYTES);
        long at = 0;
        for (int count = channel.read(all, at); count > 0; count = channel.read(all, at)) at += count;
        List<String> ids = new ArrayList<>();
        for (int i = 0; i + ID_BYTES <= all.position() && all.get(i) != 0; i += ID_BYTES) {
            ids.add(new String(all.array(), i, ID_BYTES, StandardCharsets.US_ASCII));
        }
        return ids;
    }

    /// Notes ids instead of those that are noted; of too many, the first.
    void write(List<String> ids) throws IOException {
        ByteBuffer all = ByteBuffer.allocate(MOST * ID_BYTES);
        for (String id : ids) {
            if (all.remaining() < ID_BYTES) break;
            all.put(id.getBytes(StandardCharsets.US_ASCII));
        }
        all.clear();
        long at = 0;
        while (all.hasRemaining()) at += channel.write(all, at);
        channel.force(false);
    }

    void clear() throws IOException {
        write(List.of());
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
