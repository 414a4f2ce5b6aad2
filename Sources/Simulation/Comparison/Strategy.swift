import OllamaProxy

/// A way of choosing models and of handling their failures.
package enum Strategy: CaseIterable {
    /// One model after the other in the list's order, whatever the failure, without memory, queue or budget.
    case naive
    /// `MODEL_ORDER=context`
    case context
    /// `MODEL_ORDER=reliability`
    case reliability
    /// `MODEL_ORDER=reliability` and `CONTINUE_STREAMS=true`
    case continuing

    package var name: String {
        switch self {
        case .naive: "naive"
        case .context: "context"
        case .reliability: "reliability"
        case .continuing: "reliability, continuing"
        }
    }

    var order: Catalog.ModelOrder { self == .context ? .context : .reliability }

    /// The standard settings; the naive strategy goes by the attempts and the first-token timeout alone.
    var limits: ExchangeMachine.Limits {
        ExchangeMachine.Limits(continuesStreams: self == .continuing)
    }
}
