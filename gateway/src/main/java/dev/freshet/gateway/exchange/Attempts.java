package dev.freshet.gateway.exchange;

import dev.freshet.gateway.meter.Served;
import dev.freshet.gateway.model.Model;
import dev.freshet.gateway.model.Provider;
import dev.freshet.gateway.model.SavedBy;
import dev.freshet.gateway.model.Target;
import dev.freshet.gateway.model.Timeouts;
import dev.freshet.gateway.model.Usage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The attempts of one exchange, and what each took. Owned by the exchange's loop.
final class Attempts {
    static final String RUNNING = "running";
    static final String COMPLETED = "completed";
    static final String INTERRUPTED = "stream_interrupted";
    static final String STOPPED = "guard_stopped";

    private final List<One> all = new ArrayList<>(1);

    /// Whose stop led to what is asked from now on; null for nobody's.
    @Nullable
    SavedBy cause;

    /// One attempt.
    static final class One {
        final Served served;
        /// Null for one of an earlier process, whose provider is no longer configured.
        final @Nullable Provider provider;
        /// The number of the first entry that can be its own.
        final long from;

        String outcome = RUNNING;
        /// How many pieces of content it gave, which is about how many tokens.
        long contents;
        /// How many tokens those are, where that was counted.
        long counted = -1;
        /// Whether its request was sent.
        boolean sent;
        /// Whether it may have cost the operator something, and is charged to nobody.
        boolean atRisk;
        /// Whether what was reported is of all that it gave.
        boolean fresh;

        /// What came and went into no log: a guard held it back.
        List<byte[]> discarded = List.of();

        /// What came with the same read as what led to its stop.
        final List<byte[]> underWay = new ArrayList<>(0);

        /// Whether it is about to be closed, and some may still be added to that.
        boolean endsSoon;

        /// Whose stop led to it; null for nobody's.
        final @Nullable SavedBy cause;

        /// Who stopped it; null for nobody.
        @Nullable
        SavedBy stopper;

        /// Whether the rest of it, which the stop avoided, is a saving.
        boolean credited;

        /// How long it may take, in all.
        Duration total = Timeouts.DEFAULT.total();

        /// It runs on unseen.
        @Nullable
        Held held;

        @Nullable
        Usage reported;

        /// What it is charged with, once that is settled; null where that is nothing.
        @Nullable
        Usage charged;

        /// In nano-dollars, once that is settled; null where that is not known.
        @Nullable
        Long cost;

        private One(Served served, @Nullable Provider provider, long from, @Nullable SavedBy cause) {
            this.served = served;
            this.provider = provider;
            this.from = from;
            this.cause = cause;
        }

        /// How many tokens it gave, as far as is known.
        long pieces() {
            return counted < 0 ? contents : counted;
        }

        /// What is kept with the log, to know the attempt after a crash.
        byte[] note() {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (DataOutputStream out = new DataOutputStream(bytes)) {
                out.writeUTF(served.provider());
                out.writeUTF(served.model());
                out.writeLong(from);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return bytes.toByteArray();
        }
    }

    /// An attempt begins.
    One begin(Target target, String clientsModel, long from) {
        One one = new One(served(target, clientsModel), target.provider(), from, cause);
        all.add(one);
        return one;
    }

    static Served served(Target target, String clientsModel) {
        String model = target.model() == null ? clientsModel : target.model();
        return new Served(target.provider().name(), model);
    }

    /// An attempt of an earlier process.
    ///
    /// @param model whose targets know their providers; null where it is no longer configured
    void restore(byte[] note, @Nullable Model model) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(note))) {
            Served served = new Served(in.readUTF(), in.readUTF());
            Provider provider = model == null ? null : model.provider(served.provider());
            One one = new One(served, provider, in.readLong(), null);
            one.outcome = INTERRUPTED;
            one.sent = true;
            all.add(one);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// All of an earlier process's are back, and so are their entries.
    void restored(long tail) {
        for (One one : all) one.contents = Math.max(0, last(one, tail) - one.from + 1);
    }

    List<One> all() {
        return all;
    }

    /// Whether one is about to be closed, so that what it took is not known yet.
    boolean endSoon() {
        for (One one : all) if (one.endsSoon) return true;
        return false;
    }

    int count() {
        return all.size();
    }

    @Nullable
    One last() {
        return all.isEmpty() ? null : all.getLast();
    }

    /// Who is asked now, or was last.
    String provider() {
        return all.isEmpty() ? "none" : all.getLast().served.provider();
    }

    /// The number of the last entry that can be an attempt's own.
    long last(One one, long tail) {
        int next = all.indexOf(one) + 1;
        return next == all.size() ? tail : all.get(next).from - 1;
    }

    /// What the answer has taken as far as its provider said, while it runs; null where it said nothing.
    @Nullable
    Usage soFar() {
        Usage last = all.isEmpty() ? null : all.getLast().reported;
        return last == null ? null : sum(last);
    }

    /// The same, where the last attempt has just reported its own.
    Usage sum(Usage last) {
        Usage sum = last;
        for (One one : all.subList(0, all.size() - 1)) {
            Usage before = before(one, last);
            if (before != null) sum = sum.plus(before);
        }
        return sum;
    }

    /// What an attempt took that broke off, and was gone on with: as reported; else by its pieces, and by
    /// the prompt of the last attempt, which was its own and the pieces that had come by then. Null where
    /// it gave nothing.
    @Nullable
    Usage before(One one, Usage last) {
        if (one.reported != null && one.fresh) return one.reported;
        if (one.contents == 0) return null;
        if (!one.discarded.isEmpty()) return Usage.estimated(last.prompt(), one.pieces());
        long since = 0;
        for (int i = all.indexOf(one); i < all.size() - 1; i++)
            since += all.get(i).pieces();
        return Usage.estimated(Math.max(0, last.prompt() - since), one.pieces());
    }
}
