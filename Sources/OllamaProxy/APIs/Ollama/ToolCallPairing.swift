/// Finds the id that each tool call and each tool result goes by upstream, where every result must name its call.
///
/// Clients of Ollama send results with an id, with the tool's name only, or with neither; then the order decides.
package struct ToolCallPairing {
    private struct OpenCall {
        let id: String
        let name: String
    }

    private var open: [OpenCall] = []
    private var invented = 0

    /// Calls that wait for their results, at the most. A chat leaves none unanswered; one that leaves thousands is made
    /// to keep us searching.
    private static let mostOpen = 1000

    package init() {}

    /// The id of a call that the assistant made, its own or an invented one.
    package mutating func id(ofCall call: OllamaChatRequest.ToolCall) -> String {
        let given = call.id?.string ?? ""
        let id: String
        if given.isEmpty {
            id = "call_\(invented)"
            invented += 1
        } else {
            id = given
        }
        if open.count == Self.mostOpen { open.removeFirst(Self.mostOpen / 2) }
        open.append(OpenCall(id: id, name: call.name?.string ?? ""))
        return id
    }

    /// The id of the call that a tool's message answers; nil when no call is open.
    package mutating func id(ofResult message: OllamaChatRequest.Message) -> String? {
        if let given = message.toolCallID, !given.isEmpty {
            let id = given.string
            open.removeAll { $0.id == id }
            return id
        }
        let name = message.toolName?.string ?? ""
        let index = open.firstIndex { !name.isEmpty && $0.name == name } ?? open.indices.first
        return index.map { open.remove(at: $0).id }
    }
}
