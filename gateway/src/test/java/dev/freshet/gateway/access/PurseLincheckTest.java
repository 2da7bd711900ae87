package dev.freshet.gateway.access;

import dev.freshet.gateway.model.Budget;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Reserving and settling from several threads at once is as if they came one after another: nothing is
/// reserved twice, nothing is lost. Across a midnight too.
public class PurseLincheckTest {
    private static final Budget BUDGET = new Budget(10, Budget.Period.DAY);

    private final Purse purse = new Purse();

    @Operation
    public String reserve() {
        return purse.reserve(BUDGET, 1, 4).name();
    }

    @Operation
    public String reserveMuch() {
        return purse.reserve(BUDGET, 1, 7).name();
    }

    @Operation
    public void settleLess() {
        purse.settle(1, 4, 3);
    }

    @Operation
    public void spendWithoutReserving() {
        purse.settle(1, 0, 2);
    }

    @Operation
    public String reserveOnTheNextDay() {
        return purse.reserve(BUDGET, 2, 4).name();
    }

    @Operation
    public long spent() {
        return purse.spent(Budget.Period.MONTH, 1);
    }

    @Operation
    public long reserved() {
        return purse.reserved();
    }

    @Test
    @Tag("lincheck")
    void everyInterleavingIsExplained() {
        new ModelCheckingOptions()
                .iterations(30)
                .threads(3)
                .actorsPerThread(3)
                .invocationsPerIteration(500)
                .check(PurseLincheckTest.class);
    }
}
