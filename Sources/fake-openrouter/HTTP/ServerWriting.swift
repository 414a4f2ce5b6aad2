import Glibc

extension Server {
    /// Above this many bytes in a connection's queue nothing more is produced for it.
    private static let queueLimit = 256 * 1024
    /// What one connection may produce before the others get their turn.
    private static let turnLimit = 64 * 1024
    /// Later than this, a stream goes on at its pace instead of catching up.
    private static let catchUpLimit: UInt64 = 1_000_000_000

    /// Begins to send a plan.
    func start(_ plan: ResponsePlan, on connection: Connection, isStream: Bool) {
        connection.state = .answering(
            Connection.Answer(
                plan: plan, identifier: GenerationIdentifier.make(), isStream: isStream,
                due: Clock.monotonicNanoseconds))
        if isStream { counters.activeStreams += 1 }
        produce(connection, now: Clock.monotonicNanoseconds)
    }

    /// Takes the connection out of its answer, whether that is complete or not.
    func endAnswer(_ connection: Connection) {
        if case .answering(let answer) = connection.state, answer.isStream { counters.activeStreams -= 1 }
        connection.state = .reading
        connection.timerSequence = 0
    }

    func timerFired(_ connection: Connection, now: UInt64) {
        switch connection.state {
        case .answering: produce(connection, now: now)
        case .waiting: endWait(connection, status: 504)
        case .reading: break
        }
        readRequests(connection)
    }

    /// The socket takes bytes again.
    func socketDrained(_ connection: Connection) {
        guard flush(connection), case .answering(var answer) = connection.state else { return }
        if answer.isProduced {
            if connection.queuedBytes == 0 { finish(connection, answer) }
        } else if answer.isHeldBack, connection.queuedBytes < Self.queueLimit / 2 {
            answer.isHeldBack = false
            answer.due = Clock.monotonicNanoseconds
            connection.state = .answering(answer)
            produce(connection, now: answer.due)
        }
        readRequests(connection)
    }

    /// Queues all steps that are due, and schedules the next one.
    private func produce(_ connection: Connection, now: UInt64) {
        guard case .answering(var answer) = connection.state, !answer.isHeldBack, !answer.isProduced else { return }
        // While the state holds no copy, the answer is changed in place.
        connection.state = .reading
        let plan = answer.plan
        var produced = 0
        var wakeUp: UInt64?
        while true {
            if let loop = plan.loop, answer.nextStep == loop.upperBound { answer.nextStep = loop.lowerBound }
            guard answer.nextStep < plan.steps.count else {
                answer.isProduced = true
                break
            }
            guard connection.queuedBytes < Self.queueLimit else {
                answer.isHeldBack = true
                break
            }
            guard produced < Self.turnLimit else {
                wakeUp = now
                break
            }
            let step = plan.steps[answer.nextStep]
            let due = answer.due + UInt64(step.delayMicroseconds) * 1000
            guard due <= now else {
                wakeUp = due
                break
            }
            answer.due = now - due > Self.catchUpLimit ? now : due
            answer.nextStep += 1
            produced += Int(step.end - step.start)
            enqueue(step, of: answer, on: connection)
            if step.isWrittenAlone, !send(connection) { break }
        }
        connection.state = .answering(answer)
        guard flush(connection) else { return }
        if answer.isProduced {
            if connection.queuedBytes == 0 { finish(connection, answer) }
        } else if answer.isHeldBack {
            // The socket may have taken everything at once, and then no event would come.
            if connection.queuedBytes < Self.queueLimit { resume(connection, answer, at: now) }
        } else if let wakeUp {
            schedule(connection, at: wakeUp)
        }
    }

    private func resume(_ connection: Connection, _ answer: Connection.Answer, at time: UInt64) {
        var answer = answer
        answer.isHeldBack = false
        connection.state = .answering(answer)
        schedule(connection, at: time)
    }

    private func finish(_ connection: Connection, _ answer: Connection.Answer) {
        switch answer.plan.ending {
        case .stall: return
        case .cut, .close: close(connection)
        case .reset: close(connection, isReset: true)
        case .complete:
            endAnswer(connection)
            // The peer's next request may have come long ago.
            connection.mayHaveInput = true
            if connection.closesAfterAnswer { close(connection) }
        }
    }

    private func enqueue(_ step: ResponsePlan.Step, of answer: Connection.Answer, on connection: Connection) {
        guard step.end > step.start else { return }
        let queued = connection.queue.count
        connection.queue.append(contentsOf: answer.plan.bytes[Int(step.start)..<Int(step.end)])
        counters.queuedBytes += Int(step.end - step.start)
        guard step.identifierOffset >= 0 else { return }
        let offset = queued + Int(step.identifierOffset - step.start)
        for (index, byte) in answer.identifier.enumerated() { connection.queue[offset + index] = byte }
    }

    /// Queues bytes outside of any plan.
    func enqueue(_ bytes: [UInt8], on connection: Connection) {
        connection.queue += bytes
        counters.queuedBytes += bytes.count
    }

    /// Writes what the socket takes; false when the peer has gone and the connection with it.
    func flush(_ connection: Connection) -> Bool {
        guard send(connection) else {
            peerLeft(connection)
            return false
        }
        return true
    }

    /// Writes what the socket takes; false when the peer has gone.
    private func send(_ connection: Connection) -> Bool {
        while connection.queuedBytes > 0 {
            let count = connection.queue.withUnsafeBytes { bytes in
                Glibc.send(
                    connection.descriptor, bytes.baseAddress! + connection.queueStart, connection.queuedBytes,
                    Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
            }
            guard count > 0 else {
                if errno == EINTR { continue }
                let isFull = errno == EAGAIN
                // A queue that never runs empty would otherwise keep all that it ever held.
                if connection.queueStart > Self.turnLimit {
                    connection.queue.removeSubrange(..<connection.queueStart)
                    connection.queueStart = 0
                }
                return isFull
            }
            connection.queueStart += count
            counters.queuedBytes -= count
            if !connection.isControl { counters.sentBytes += count }
        }
        connection.queue.removeAll(keepingCapacity: connection.queue.capacity <= 8 * 1024)
        connection.queueStart = 0
        return true
    }
}
