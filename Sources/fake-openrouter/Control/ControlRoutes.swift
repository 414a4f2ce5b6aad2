/// What tests say to the fake itself, under /_fake.
extension Server {
    /// Answers a control request.
    func control(_ request: HTTPRequest, on connection: Connection) {
        if request.method == "GET", request.path == "/_fake/wait" {
            wait(request, on: connection)
        } else {
            start(controlAnswer(to: request), on: connection, isStream: false)
        }
    }

    private func controlAnswer(to request: HTTPRequest) -> ResponsePlan {
        let status = request.query["status"].flatMap { Int($0) } ?? 200
        switch (request.method, request.path) {
        case ("PUT", "/_fake/models"):
            upstream.models = ModelCatalogue(body: request.body, status: status)
            return .json(["ok": true])
        case ("PUT", "/_fake/key"):
            upstream.keyAnswer = .sized(status: status, body: request.body)
            return .json(["ok": true])
        case ("PUT", "/_fake/script"):
            do {
                upstream.script = try Script(parsing: request.body)
            } catch {
                return .error(400, String(describing: error))
            }
            return .json(["ok": true])
        case ("GET", "/_fake/requests"): return .json(upstream.log.value)
        case ("DELETE", "/_fake/requests"):
            upstream.forgetRequests()
            counters.requests = 0
            return .json(["ok": true])
        case ("GET", "/_fake/stats"): return .json(counters.value)
        default: return .error(404, "no such control route")
        }
    }

    private func wait(_ request: HTTPRequest, on connection: Connection) {
        guard let condition = CounterCondition(query: request.query) else {
            start(.error(400, "wait needs NAME=VALUE with a counter's name"), on: connection, isStream: false)
            return
        }
        connection.state = .waiting(condition)
        waiters.append(connection)
        schedule(
            connection,
            at: Clock.monotonicNanoseconds + UInt64(condition.timeout.microseconds) * 1000)
    }

    /// Answers those whose condition has come true.
    func answerWaiters() {
        for connection in waiters {
            guard case .waiting(let condition) = connection.state, condition.holds(for: counters) else { continue }
            endWait(connection, status: 200)
            readRequests(connection)
        }
    }

    /// Tells a waiter the counters as they are now.
    func endWait(_ connection: Connection, status: Int) {
        waiters.removeAll { $0 === connection }
        connection.timerSequence = 0
        start(.json(counters.value, status: status), on: connection, isStream: false)
    }
}
