package dev.freshet.gateway.access;

import dev.freshet.gateway.model.Budget;

/// What one spender has spent in this day, in this month and ever, and what is set aside for what is under
/// way. All amounts are in nano-dollars, all days are counted since 1970, by UTC. Thread-safe.
public final class Purse {
    private long day = Long.MIN_VALUE;
    private long month = Long.MIN_VALUE;
    private long spentToday;
    private long spentThisMonth;
    private long spentEver;
    private long reserved;

    /// What was answered.
    public enum Answer {
        TAKEN,
        /// It is more than all that may ever be spent.
        NEVER,
        /// What is under way may leave enough of it.
        WHEN_OTHERS_END,
        /// What is left is not enough.
        SPENT
    }

    /// Sets something aside.
    ///
    /// @param today in days since 1970
    public synchronized Answer reserve(Budget budget, long today, long most) {
        turn(today);
        if (most > budget.nanoUsd()) return Answer.NEVER;
        long left = budget.nanoUsd() - spent(budget.period());
        if (most > left) return Answer.SPENT;
        if (most > left - reserved) return Answer.WHEN_OTHERS_END;
        reserved += most;
        return Answer.TAKEN;
    }

    /// Gives back what was set aside, and notes what was spent.
    ///
    /// @param most as it was reserved; 0 where nothing was
    public synchronized void settle(long today, long most, long spent) {
        turn(today);
        reserved -= most;
        spentToday += spent;
        spentThisMonth += spent;
        spentEver += spent;
    }

    /// What was spent before this process began.
    public synchronized void restore(long today, Budget.Period period, long spent) {
        turn(today);
        switch (period) {
            case DAY -> spentToday += spent;
            case MONTH -> spentThisMonth += spent;
            case EVER -> spentEver += spent;
        }
    }

    public synchronized long spent(Budget.Period period, long today) {
        turn(today);
        return spent(period);
    }

    synchronized long reserved() {
        return reserved;
    }

    private long spent(Budget.Period period) {
        return switch (period) {
            case DAY -> spentToday;
            case MONTH -> spentThisMonth;
            case EVER -> spentEver;
        };
    }

    private void turn(long today) {
        if (today <= day) return; // a clock that jumps back brings nothing back
        day = today;
        spentToday = 0;
        long begun = Budget.Period.MONTH.begin(today);
        if (begun != month) spentThisMonth = 0;
        month = begun;
    }
}
