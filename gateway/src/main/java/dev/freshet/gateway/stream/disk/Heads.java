package dev.freshet.gateway.stream.disk;

import dev.freshet.gateway.model.Owner;
import dev.freshet.gateway.model.StreamId;
import dev.freshet.gateway.stream.Claim;
import dev.freshet.gateway.stream.StreamHead;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;

/// Streams' heads as bytes. Stateless.
final class Heads {
    private Heads() {}

    static byte[] write(StreamHead head) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeUTF(head.id().value());
            out.writeUTF(head.gen());
            out.writeUTF(head.owner().name());
            out.writeLong(head.created());
            out.writeUTF(head.model());
            out.writeLong(head.grace().toMillis());
            out.writeLong(head.maxBytes());
            Claim claim = head.claim();
            out.writeBoolean(claim != null);
            if (claim != null) {
                out.writeUTF(claim.key().digest());
                out.writeInt(claim.request().length);
                out.write(claim.request());
            }
            out.writeUTF(head.key() == null ? "" : head.key());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static StreamHead read(byte[] bytes) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            StreamId id = new StreamId(in.readUTF());
            String gen = in.readUTF();
            Owner owner = new Owner(in.readUTF());
            long created = in.readLong();
            String model = in.readUTF();
            Duration grace = Duration.ofMillis(in.readLong());
            long maxBytes = in.readLong();
            Claim claim = in.readBoolean() ? claim(in) : null;
            String key = in.available() > 0 ? in.readUTF() : ""; // the first version had none
            return new StreamHead(id, gen, owner, key.isEmpty() ? null : key, created, model, grace, maxBytes, claim);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Claim claim(DataInputStream in) throws IOException {
        Claim.Key key = new Claim.Key(in.readUTF());
        return new Claim(key, in.readNBytes(in.readInt()));
    }
}
