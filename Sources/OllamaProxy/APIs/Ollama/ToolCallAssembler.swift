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
        /// The arguments' text as written in JSON strings: pieces joined before decoding, so that an escaped
        /// surrogate pair may be split between two of them.
        let escapedArguments = ByteBuffer()
        var argumentsObject: ByteBuffer?
    }

    private var partials: [Partial] = []

    package init() {}

    /// No model calls so many tools at once; one that seems to is not making sense.
    private static let mostCalls = 256

    /// How many bytes wait for the end of the answer.
    package private(set) var heldBytes = 0

    package mutating func add(_ fragment: AnswerEvent.ToolCallFragment) {
        guard partials.count <= Self.mostCalls else { return }
        let position = position(of: fragment)
        heldBytes += (fragment.arguments?.escaped.count ?? 0) + (fragment.argumentsObject?.count ?? 0)
        heldBytes += (fragment.name?.escaped.count ?? 0) + (fragment.id?.escaped.count ?? 0)
        if let id = fragment.id, !id.isEmpty, partials[position].id.isEmpty { partials[position].id = id.string }
        if let name = fragment.name, !name.isEmpty, partials[position].name.isEmpty {
            partials[position].name = name.string
        }
        if let arguments = fragment.arguments { partials[position].escapedArguments.append(arguments.escaped) }
        if let object = fragment.argumentsObject { partials[position].argumentsObject = ByteBuffer(copying: object) }
    }

    /// The calls, in order. Nothing is left afterwards.
    package mutating func finish() throws(BrokenCall) -> [Call] {
        guard partials.count <= Self.mostCalls else {
            throw BrokenCall(reason: "the model made more than \(Self.mostCalls) tool calls at once")
        }
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
    private mutating func position(of fragment: AnswerEvent.ToolCallFragment) -> Int {
        if let index = fragment.index {
            if let known = partials.lastIndex(where: { $0.upstreamIndex == index }), continues(known, fragment) {
                return known
            }
        } else if let id = fragment.id, !id.isEmpty {
            let text = id.string
            if let known = partials.lastIndex(where: { $0.id == text }) { return known }
        } else if !partials.isEmpty, fragment.name == nil || fragment.name!.isEmpty {
            return partials.count - 1
        }
        partials.append(Partial(upstreamIndex: fragment.index))
        return partials.count - 1
    }

    /// Some providers give every call the index 0: another id makes another call.
    private func continues(_ position: Int, _ fragment: AnswerEvent.ToolCallFragment) -> Bool {
        guard let id = fragment.id, !id.isEmpty, !partials[position].id.isEmpty else { return true }
        return id.string == partials[position].id
    }

    private static func arguments(of partial: Partial) throws(BrokenCall) -> ByteBuffer {
        if let object = partial.argumentsObject { return object }
        let text = ByteBuffer()
        partial.escapedArguments.withBytes { JSONText(escaped: $0, hasEscapes: true).decode(into: text) }
        return try text.withBytes { bytes throws(BrokenCall) in
            try object(in: bytes.trimmed, of: partial, mayBeEncodedTwice: true)
        }
    }

    private static func object(
        in text: Bytes, of partial: Partial, mayBeEncodedTwice: Bool
    ) throws(BrokenCall) -> ByteBuffer {
        if text.isEmpty || text.equals("null") { return ByteBuffer("{}") }
        let kind: JSONKind
        let decoded = ByteBuffer()
        do throws(JSONError) {
            try JSONReader.check(text)
            var reader = JSONReader(text)
            kind = try reader.kind()
            if kind == .string { try reader.string().decode(into: decoded) }
        } catch {
            throw BrokenCall(
                reason: "the model called the tool \(partial.name) with arguments that are not JSON (\(error))")
        }
        if kind == .object { return ByteBuffer(copying: text) }
        // Some models encode their arguments twice.
        guard kind == .string, mayBeEncodedTwice else {
            throw BrokenCall(
                reason: "the model called the tool \(partial.name) with arguments that are not an object")
        }
        return try decoded.withBytes { bytes throws(BrokenCall) in
            try object(in: bytes.trimmed, of: partial, mayBeEncodedTwice: false)
        }
    }
}
