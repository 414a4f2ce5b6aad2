/// An answer rendered to the byte, with its pacing. Plans are immutable and shared: thousands of streams that say the
/// same thing hold one plan.
final class ResponsePlan: Sendable {
    /// A range of the plan's bytes, and how long to wait before sending it.
    struct Step: Sendable {
        let start: Int32
        let end: Int32
        let delayMicroseconds: UInt32
        /// Where in the plan's bytes this step holds the generation's identifier, or -1.
        let identifierOffset: Int32
        /// Whether these bytes must leave in a write of their own.
        let isWrittenAlone: Bool
    }

    /// What happens after the last step.
    enum Ending: Sendable {
        /// The answer is complete; the connection may serve the next request.
        case complete
        /// The answer is complete; the connection is closed after it.
        case close
        /// The connection is closed (FIN) in the middle of the answer.
        case cut
        /// The connection is reset (RST) in the middle of the answer.
        case reset
        /// Nothing more is sent, and the connection stays open until the peer leaves.
        case stall
    }

    let bytes: [UInt8]
    let steps: [Step]
    /// Steps that repeat for ever.
    let loop: Range<Int>?
    let ending: Ending

    init(bytes: [UInt8], steps: [Step], loop: Range<Int>?, ending: Ending) {
        self.bytes = bytes
        self.steps = steps
        self.loop = loop
        self.ending = ending
    }
}

/// The id of one generation, as in `gen-1764000000-` and twenty letters and digits. Plans carry a placeholder of the
/// same length, which every answer overwrites with its own.
enum GenerationIdentifier {
    static let placeholder = "gen-0000000000-00000000000000000000"

    static func make() -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
        var bytes = Array("gen-\(Clock.epochSeconds)-".utf8)
        var random = UInt64.random(in: .min ... .max)
        for _ in 0..<20 {
            random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            bytes.append(alphabet[Int(random >> 33) % alphabet.count])
        }
        return bytes
    }
}
