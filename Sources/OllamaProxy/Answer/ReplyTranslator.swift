/// Turns the events of one answer into the bytes of the reply. One value serves one attempt.
package protocol ReplyTranslator {
    /// Appends what one event adds to the reply.
    /// - Parameter data: the event's own bytes, from which `chunk` was read.
    mutating func translate(_ chunk: AnswerEvent, data: Bytes, now: Moment, output: ByteBuffer)

    /// How many bytes of the answer wait for its end. Mutating, so that it is asked in place: to read a value of an unknown type
    /// would copy it.
    var heldBytes: Int { mutating get }

    /// The answer broke, and what follows comes from another attempt. Its usage is to be added to this.
    mutating func resume(after usage: AnswerEvent.Usage)

    /// The usage of the attempts before this one.
    var earlierUsage: AnswerEvent.Usage { get }

    /// The answer is complete: appends what ends the reply.
    /// - Throws: `BrokenAnswer` when what came does not make a whole answer.
    mutating func finish(_ times: AnswerTimes, output: ByteBuffer) throws(BrokenAnswer)
}

/// Whole replies are requested again instead.
extension ReplyTranslator {
    package mutating func resume(after usage: AnswerEvent.Usage) {}

    package var earlierUsage: AnswerEvent.Usage { AnswerEvent.Usage() }
}

/// An answer that ended properly and yet cannot be passed on. The text is for a person.
package struct BrokenAnswer: Error, Equatable {
    package let reason: String
}

/// When the steps of an answer took place.
package struct AnswerTimes: Equatable {
    /// The request was complete.
    package var received: Moment
    /// The attempt that answers was started.
    package var attemptStarted: Moment
    /// The first word came.
    package var firstToken: Moment
    /// The last word came.
    package var ended: Moment

    /// From one step to another, at least a nanosecond: clients divide by it.
    static func span(from: Moment, to: Moment) -> Span {
        max(.nanoseconds(1), to.monotonic - from.monotonic)
    }
}
