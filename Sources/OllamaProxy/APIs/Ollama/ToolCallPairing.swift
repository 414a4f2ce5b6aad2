/// Finds the id that each tool call and each tool result goes by upstream, where every result must name its call.
///
/// Clients of Ollama send results with an id, with the tool's name only, or with neither; then the order decides.
package struct ToolCallPairing {
    private struct OpenCall {
        let id: Name
        let name: Name
    }

    /// A text and its hash, as most comparisons are of names that differ. Texts are compared byte by byte, as upstream.
    private struct Name: Equatable {
        let hash: Int
        let bytes: [UInt8]

        init(_ text: JSONText?) {
            self.init(text?.beginning(ToolCallPairing.longestName) ?? "")
        }

        init(_ text: String) {
            bytes = Array(text.utf8)
            hash = bytes.hashValue
        }

        var text: String { String(decoding: bytes, as: UTF8.self) }
        var isEmpty: Bool { bytes.isEmpty }
    }

    private var open: [OpenCall] = []
    private var invented = 0

    /// Calls that wait for their results, at the most. A chat leaves none unanswered; one that leaves thousands is made
    /// to keep us searching.
    private static let mostOpen = 128
    /// What counts of an id or a tool's name, in characters.
    private static let longestName = 200

    package init() {}

    /// The id of a call that the assistant made, its own or an invented one.
    package mutating func id(ofCall call: OllamaChatRequest.ToolCall) -> String {
        var id = Name(call.id)
        if id.isEmpty {
            id = Name("call_\(invented)")
            invented += 1
        }
        if open.count == Self.mostOpen { open.removeFirst(Self.mostOpen / 2) }
        open.append(OpenCall(id: id, name: Name(call.name)))
        return id.text
    }

    /// The id of the call that a tool's message answers; nil when no call is open.
    package mutating func id(ofResult message: OllamaChatRequest.Message) -> String? {
        let id = Name(message.toolCallID)
        if !id.isEmpty {
            open.removeAll { $0.id == id }
            return id.text
        }
        let name = Name(message.toolName)
        let index = open.firstIndex { !name.isEmpty && $0.name == name } ?? open.indices.first
        return index.map { open.remove(at: $0).id.text }
    }
}
