/// Ollama's `keep_alive`: how long a model stays loaded after a request. Nothing is loaded here; it only says when the
/// model leaves the list of those in use.
package enum KeepAlive: Equatable {
    /// Whole seconds, 0 or more.
    case lasting(Span)
    /// Anything negative.
    case forever

    /// What holds where a request does not say.
    package static let standard = KeepAlive.lasting(.minutes(5))

    /// Reads a number of seconds, or a duration as Go writes it: "5m", "1h30m", "-1".
    /// - Returns: nil for null.
    package static func read(from reader: inout JSONReader) throws -> KeepAlive? {
        switch try reader.kind() {
        case .null:
            try reader.null()
            return nil
        case .number: return keepAlive(JSONNumber.double(try reader.number()) ?? 0)
        case .string:
            let given = try reader.string()
            if given.isEmpty { return nil }
            let text = given.beginning(longestText)
            guard given.escaped.count <= longestText, let seconds = Double(text) ?? duration(text) else {
                throw RequestError.badRequest("keep_alive: invalid duration \"\(text)\"")
            }
            return keepAlive(seconds)
        default: throw RequestError.badRequest("keep_alive: must be a number of seconds or a duration such as \"5m\"")
        }
    }

    private static func keepAlive(_ seconds: Double) -> KeepAlive {
        // A century is as good as for ever, and still fits every calculation.
        guard seconds >= 0, seconds < 3_155_760_000 else { return .forever }
        return .lasting(.seconds(Int(seconds.rounded(.up))))
    }

    /// In bytes; no duration that means anything takes as many.
    private static let longestText = 100

    private static let units: [(suffix: String, seconds: Double)] = [
        ("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3), ("s", 1), ("m", 60), ("h", 3600),
    ]

    private static func duration(_ text: String) -> Double? {
        var rest = text[...]
        var sign = 1.0
        if let first = rest.first, first == "-" || first == "+" {
            sign = first == "-" ? -1 : 1
            rest.removeFirst()
        }
        guard !rest.isEmpty else { return nil }
        var total = 0.0
        while !rest.isEmpty {
            let digits = rest.prefix { ("0"..."9").contains($0) || $0 == "." }
            guard let number = Double(digits) else { return nil }
            rest = rest.dropFirst(digits.count)
            let unit = rest.prefix { !("0"..."9").contains($0) && $0 != "." }
            guard let known = units.first(where: { $0.suffix == unit }) else { return nil }
            total += number * known.seconds
            rest = rest.dropFirst(unit.count)
        }
        return sign * total
    }
}
