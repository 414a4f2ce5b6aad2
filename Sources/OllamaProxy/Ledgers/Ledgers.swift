/// What all exchanges share: what was learned of models and of the account, and the order of those that wait.
package final class Ledgers {
    package let failures: FailureLedger
    package let budget: BudgetLedger
    package let performance: PerformanceLedger
    package let turns: TurnQueue
    /// Called before each decision: other processes that share the ledgers may have learned something. Does nothing
    /// where there are none.
    package var refresh: (_ now: Moment) -> Void = { _ in }

    package init(
        failures: FailureLedger = FailureLedger(), budget: BudgetLedger = BudgetLedger(),
        performance: PerformanceLedger = PerformanceLedger(), turns: TurnQueue = TurnQueue()
    ) {
        self.failures = failures
        self.budget = budget
        self.performance = performance
        self.turns = turns
    }
}
