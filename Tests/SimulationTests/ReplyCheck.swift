import Foundation
import OllamaProxy

/// Looks at a reply as a client would.
struct ReplyCheck {
    private enum Piece {
        /// Part of an answer, or a sign of life.
        case part([String: Any])
        /// The answer is whole.
        case end([String: Any])
        case error
    }

    private let reply: String
    private let door: Door
    private let pieces: [Piece]
    /// What makes no sense.
    private let nonsense: [String]
    /// The content as the client puts it together.
    let text: String

    init(_ bytes: [UInt8], door: Door) {
        reply = String(decoding: bytes, as: UTF8.self)
        self.door = door
        let isEvents = door == .openAIChat(stream: true) && !reply.hasPrefix("{")
        let texts = reply.components(separatedBy: isEvents ? "\n\n" : "\n").filter { !$0.isEmpty }
        var pieces: [Piece] = []
        var nonsense: [String] = []
        for text in texts where !(isEvents && text.hasPrefix(":")) {
            if let piece = Self.piece(text, isEvents: isEvents, door) {
                pieces.append(piece)
            } else {
                nonsense.append(text)
            }
        }
        self.pieces = pieces
        self.nonsense = nonsense
        text = pieces.map { piece in
            switch piece {
            case .part(let fields), .end(let fields): Self.content(of: fields)
            case .error: ""
            }
        }.joined()
    }

    private static func piece(_ text: String, isEvents: Bool, _ door: Door) -> Piece? {
        var text = text
        if isEvents {
            guard text.hasPrefix("data: ") else { return nil }
            text.removeFirst(6)
            if text == "[DONE]" { return .end([:]) }
        }
        guard let fields = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] else {
            return nil
        }
        if let error = fields["error"], !(error is NSNull) { return .error }
        let isEnd = door == .openAIChat(stream: false) ? fields["choices"] != nil : fields["done"] as? Bool == true
        return isEnd ? .end(fields) : .part(fields)
    }

    private static func content(of fields: [String: Any]) -> String {
        if let response = fields["response"] as? String { return response }
        if let message = fields["message"] as? [String: Any] { return message["content"] as? String ?? "" }
        let choice = (fields["choices"] as? [[String: Any]])?.first
        let inner = choice?["delta"] as? [String: Any] ?? choice?["message"] as? [String: Any]
        return inner?["content"] as? String ?? ""
    }

    /// A stream ends in exactly one of an end and an error, and in nothing else.
    func stream(_ outcome: ExchangeRecord.Outcome) -> [String] {
        check(outcome)
    }

    /// One piece, which is an answer or an error.
    func whole(_ outcome: ExchangeRecord.Outcome, status: Int) -> [String] {
        var found = check(outcome)
        if pieces.count != 1 { found.append("\(pieces.count) pieces in a whole reply: \(reply)") }
        if (status == 200) != (outcome == .answered) { found.append("status \(status), and \(outcome)") }
        return found
    }

    private func check(_ outcome: ExchangeRecord.Outcome) -> [String] {
        var found = nonsense.map { "makes no sense: \($0)" }
        let (ends, errors) = pieces.reduce(into: (0, 0)) { counts, piece in
            switch piece {
            case .part: break
            case .end: counts.0 += 1
            case .error: counts.1 += 1
            }
        }
        if ends + errors != 1 { found.append("\(ends) ends and \(errors) errors: \(reply)") }
        if case .part? = pieces.last { found.append("it does not end: \(reply)") }
        if (ends == 1) != (outcome == .answered) { found.append("\(outcome), and the reply says: \(reply)") }
        return found
    }
}
