/// A place in the queue of those that wait for a free request to be allowed.
struct Admission {
    /// The order of arrival among all requests.
    let arrival: TurnQueue.Arrival
    /// When the wait has been too long.
    private(set) var deadline = Instant.never
    /// How long the request has waited, all waits together.
    private(set) var waited = Span.zero
    private var since: Instant?

    init(arrival: TurnQueue.Arrival) {
        self.arrival = arrival
    }

    /// How long the turn may take to come; the limit is for all waits of a request together.
    func latestTurn(_ limit: Span, now: Moment) -> Instant {
        deadline == .never ? now.monotonic + limit - waited : deadline
    }

    mutating func enter(_ turns: TurnQueue, limit: Span, now: Moment) {
        deadline = latestTurn(limit, now: now)
        if since == nil { since = now.monotonic }
        turns.enter(arrival)
    }

    mutating func leave(_ turns: TurnQueue, now: Moment) {
        deadline = .never
        turns.leave(arrival)
        if let since { waited += now.monotonic - since }
        since = nil
    }
}
