/// Puts the fragments of streamed tool calls together again.
package struct ToolCallAssembler {
    /// One whole call, its arguments an object.
    package struct Call {
        /// Its place among the answer's calls, from 0.
        package let index: Int
        package let id: String
        package let name: String
        /// A JSON object.
        package let arguments: ByteBuffer
    }

    /// The model's call cannot be read. The text is for a person.
    package struct BrokenCall: Error {
        package let reason: String
    }

    private struct Partial {
        let upstreamIndex: Int?
        var id = ""
        var name = ""
        /// The arguments' text as it stands in JSON strings: pieces joined before decoding, so that an escaped
        /// surrogate pair may be split between two of them.
        let escapedArguments = ByteBuffer()
        var argumentsObject: ByteBuffer?
    }

    private var partials: [Partial] = []

    package init() {}

    package var isEmpty: Bool { partials.isEmpty }

    package mutating func add(_ fragment: ChatChunk.ToolCallFragment) {
        let position = position(of: fragment)
        if let id = fragment.id, !id.isEmpty, partials[position].id.isEmpty { partials[position].id = id.string }
        if let name = fragment.name, !name.isEmpty, partials[position].name.isEmpty {
            partials[position].name = name.string
        }
        if let arguments = fragment.arguments { partials[position].escapedArguments.append(arguments.escaped) }
        if let object = fragment.argumentsObject { partials[position].argumentsObject = ByteBuffer(copying: object) }
    }

    /// The calls, in order. Nothing is left afterwards.
    package mutating func finish() throws(BrokenCall) -> [Call] {
        var calls: [Call] = []
        for partial in partials {
            guard !partial.name.isEmpty else { throw BrokenCall(reason: "the model called a tool without naming it") }
            calls.append(
                Call(
                    index: calls.count, id: partial.id.isEmpty ? "call_\(calls.count)" : partial.id,
                    name: partial.name, arguments: try Self.arguments(of: partial)))
        }
        partials = []
        return calls
    }

    /// A fragment belongs to the call with its index. Providers that leave the index out begin each call with an id.
    private mutating func position(of fragment: ChatChunk.ToolCallFragment) -> Int {
        if let index = fragment.index {
            if let known = partials.lastIndex(where: { $0.upstreamIndex == index }) { return known }
        } else if let id = fragment.id, !id.isEmpty {
            let text = id.string
            if let known = partials.lastIndex(where: { $0.id == text }) { return known }
        } else if !partials.isEmpty, fragment.name == nil || fragment.name!.isEmpty {
            return partials.count - 1
        }
        partials.append(Partial(upstreamIndex: fragment.index))
        return partials.count - 1
    }

    private static func arguments(of partial: Partial) throws(BrokenCall) -> ByteBuffer {
        if let object = partial.argumentsObject { return object }
        var text = ByteBuffer()
        JSONText(escaped: partial.escapedArguments.readable, hasEscapes: true).decode(into: text)
        // Some models encode their arguments twice.
        for _ in 0..<2 {
            let trimmed = text.readable.trimmed
            if trimmed.isEmpty || trimmed.equals("null") { return ByteBuffer("{}") }
            var reader = JSONReader(trimmed)
            do {
                if try reader.kind() == .string {
                    let inner = ByteBuffer()
                    try reader.string().decode(into: inner)
                    try reader.end()
                    text = inner
                    continue
                }
                try JSONReader.check(trimmed)
                if trimmed.first == UInt8(ascii: "{") { return ByteBuffer(copying: trimmed) }
            } catch {
                throw BrokenCall(
                    reason: "the model called the tool \(partial.name) with arguments that are not JSON (\(error))")
            }
            break
        }
        throw BrokenCall(reason: "the model called the tool \(partial.name) with arguments that are not an object")
    }
}
