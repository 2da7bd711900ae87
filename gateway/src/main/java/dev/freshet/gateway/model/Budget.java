package dev.freshet.gateway.model;

import java.time.LocalDate;

/// How much may be spent in each day or month, which begin at midnight UTC; or ever.
///
/// @param nanoUsd the most, in nano-dollars
public record Budget(long nanoUsd, Period period) {
    private static final long SECONDS_A_DAY = 86_400;

    public enum Period {
        DAY,
        MONTH,
        /// As long as there is who may spend it: a token of minutes.
        EVER;

        /// The first day of the period that a day lies in; both are counted since 1970.
        public long begin(long day) {
            return switch (this) {
                case DAY -> day;
                case MONTH -> LocalDate.ofEpochDay(day).withDayOfMonth(1).toEpochDay();
                case EVER -> 0;
            };
        }

        /// The first day of the next one; both are counted since 1970.
        public long end(long day) {
            return switch (this) {
                case DAY -> day + 1;
                case MONTH ->
                    LocalDate.ofEpochDay(day).withDayOfMonth(1).plusMonths(1).toEpochDay();
                case EVER -> LocalDate.MAX.toEpochDay();
            };
        }

        /// How many seconds it is to the next one.
        ///
        /// @param now in seconds since 1970
        public long secondsLeft(long now) {
            return end(Math.floorDiv(now, SECONDS_A_DAY)) * SECONDS_A_DAY - now;
        }
    }
}
