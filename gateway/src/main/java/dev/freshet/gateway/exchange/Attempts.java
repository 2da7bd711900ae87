package dev.freshet.gateway.exchange;

import dev.freshet.gateway.model.Target;
import dev.freshet.gateway.model.Usage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The attempts of one exchange, and what each took. Owned by the exchange's loop.
final class Attempts {
    static final String RUNNING = "running";
    static final String INTERRUPTED = "stream_interrupted";

    private final List<One> all = new ArrayList<>(1);

    /// One attempt.
    static final class One {
        final String provider;
        final String model;
        /// The number of the first entry that can be its own.
        final long from;

        String outcome = RUNNING;
        /// How many pieces of content it gave, which is about how many tokens.
        long contents;

        @Nullable
        Usage reported;

        private One(String provider, String model, long from) {
            this.provider = provider;
            this.model = model;
            this.from = from;
        }

        /// What is kept with the log, to know the attempt after a crash.
        byte[] note() {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (DataOutputStream out = new DataOutputStream(bytes)) {
                out.writeUTF(provider);
                out.writeUTF(model);
                out.writeLong(from);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return bytes.toByteArray();
        }
    }

    /// An attempt begins.
    One begin(Target target, String clientsModel, long from) {
        String model = target.model() == null ? clientsModel : target.model();
        One one = new One(target.provider().name(), model, from);
        all.add(one);
        return one;
    }

    /// An attempt of an earlier process.
    void restore(byte[] note) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(note))) {
            One one = new One(in.readUTF(), in.readUTF(), in.readLong());
            one.outcome = INTERRUPTED;
            all.add(one);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    List<One> all() {
        return all;
    }

    int count() {
        return all.size();
    }

    /// Who is asked now, or was last.
    String provider() {
        return all.isEmpty() ? "none" : all.getLast().provider;
    }

    /// What the answer has taken: the sum of the attempts that gave some of it. Null where that is not known.
    @Nullable
    Usage usage() {
        Usage last = all.isEmpty() ? null : all.getLast().reported;
        return last == null ? null : sum(last);
    }

    /// The same, where the last attempt has just reported its own.
    Usage sum(Usage last) {
        Usage sum = last;
        for (One one : all.subList(0, all.size() - 1)) {
            Usage usage = usage(one, last);
            if (usage != null) sum = sum.plus(usage);
        }
        return sum;
    }

    /// What one attempt took: as reported; or, where it broke off after content, by its pieces, and by the
    /// prompt of the last attempt, which was its own and the pieces that had come by then.
    @Nullable
    Usage usage(One one, @Nullable Usage last) {
        if (one.reported != null || one == all.getLast()) return one.reported;
        if (last == null || one.contents == 0) return null;
        long since = 0;
        for (int i = all.indexOf(one); i < all.size() - 1; i++) since += all.get(i).contents;
        return Usage.estimated(Math.max(0, last.prompt() - since), one.contents);
    }
}
