/// The sampling options of a request, under Ollama's names going in and under OpenRouter's going out.
///
/// Options that only mean something to a local runner (`num_ctx`, `num_gpu`, `mirostat` and so on) are skipped.
package struct GenerationOptions {
    private var numbers: [(name: StaticString, value: Bytes)] = []
    private var stop: [JSONText] = []
    /// The longest answer in tokens; nil for no limit of its own.
    package private(set) var maxTokens: Int?

    private enum Kind {
        case float
        case integer
    }

    private static let table: [(ollama: StaticString, openRouter: StaticString, kind: Kind)] = [
        ("temperature", "temperature", .float),
        ("top_p", "top_p", .float),
        ("top_k", "top_k", .integer),
        ("min_p", "min_p", .float),
        ("seed", "seed", .integer),
        ("repeat_penalty", "repetition_penalty", .float),
        ("presence_penalty", "presence_penalty", .float),
        ("frequency_penalty", "frequency_penalty", .float),
    ]

    package init() {}

    /// Reads the value of one option if the key names one.
    /// - Returns: whether the key was one; the value is untouched otherwise.
    /// - Throws: `OptionError` when the value has the wrong type, `JSONError` when it is not JSON.
    package mutating func read(_ key: JSONText, from reader: inout JSONReader) throws -> Bool {
        if key == "num_predict" {
            guard let text = try value(of: "num_predict", kind: .integer, from: &reader) else { return true }
            // -1 and -2 ask Ollama for no limit and for as much as the context holds.
            maxTokens = JSONNumber.integer(text).flatMap { $0 > 0 ? $0 : nil }
            return true
        }
        if key == "stop" {
            try readStop(from: &reader)
            return true
        }
        guard let row = Self.table.first(where: { key == $0.ollama }) else { return false }
        if let value = try value(of: row.ollama, kind: row.kind, from: &reader) {
            numbers.removeAll { $0.name.utf8Start == row.openRouter.utf8Start }
            numbers.append((row.openRouter, value))
        }
        return true
    }

    /// Writes the options as fields of an upstream request, but for the longest answer, which depends on the model.
    package func write(to writer: inout JSONWriter) {
        for number in numbers { writer.field(number.name, raw: number.value) }
        if !stop.isEmpty {
            writer.key("stop")
            writer.array { array in
                for text in stop { array.text(text) }
            }
        }
    }

    private func value(of name: StaticString, kind: Kind, from reader: inout JSONReader) throws -> Bytes? {
        switch try reader.kind() {
        case .null:
            try reader.null()
            return nil
        case .number:
            let text = try reader.number()
            switch kind {
            case .integer:
                guard JSONNumber.integer(text) != nil else {
                    throw RequestError.badRequest("option \"\(name)\" must be of type integer")
                }
            case .float:
                guard let number = JSONNumber.double(text), Float(number).isFinite else {
                    throw RequestError.badRequest("option \"\(name)\" is out of the range of float32")
                }
            }
            return text
        default:
            throw RequestError.badRequest(
                "option \"\(name)\" must be of type \(kind == .float ? "float32" : "integer")")
        }
    }

    private mutating func readStop(from reader: inout JSONReader) throws {
        stop = []
        switch try reader.kind() {
        case .null: try reader.null()
        case .string: stop = [try reader.string()]
        case .array:
            try reader.beginArray()
            while try reader.nextElement() {
                guard try reader.kind() == .string else {
                    throw RequestError.badRequest("option \"stop\" must be of type array of strings")
                }
                stop.append(try reader.string())
            }
        default: throw RequestError.badRequest("option \"stop\" must be of type array of strings")
        }
        stop.removeAll(where: \.isEmpty)
    }
}
