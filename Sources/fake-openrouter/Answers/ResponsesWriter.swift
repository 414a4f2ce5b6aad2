/// Tells a completion as OpenAI's responses do.
struct ResponsesWriter {
    private let completion: Completion
    private let model: String
    private let created = Clock.epochSeconds
    private var sequence = 0

    init(_ completion: Completion, model: String) {
        (self.completion, self.model) = (completion, model)
    }

    /// The response in one of its states.
    private func response(status: String, output: [JSONValue], error: JSONValue = .null) -> JSONValue {
        let (prompt, answer) = completion.tokenCounts
        let isOver = status != "in_progress"
        let response: JSONValue = [
            "id": .string(GenerationIdentifier.placeholder), "object": "response", "created_at": .int(created),
            "model": .string(model), "status": .string(status), "completed_at": isOver ? .int(created) : .null,
            "output": .array(output), "error": error,
            "incomplete_details": status == "incomplete" ? ["reason": "max_output_tokens"] : nil,
            "temperature": 1, "top_p": 1, "presence_penalty": 0, "frequency_penalty": 0, "instructions": nil,
            "metadata": nil, "tools": [], "tool_choice": "auto", "parallel_tool_calls": true,
        ]
        guard isOver, completion.usageValue != nil else { return response }
        return response.with(
            "usage",
            [
                "input_tokens": prompt, "input_tokens_details": ["cached_tokens": 0], "output_tokens": answer,
                "output_tokens_details": ["reasoning_tokens": .int(completion.reasoning.count)],
                "total_tokens": .int((prompt.int ?? 0) + (answer.int ?? 0)),
            ])
    }

    private var lastStatus: String { completion.finishReason == "length" ? "incomplete" : "completed" }

    /// The whole answer.
    var body: JSONValue { response(status: lastStatus, output: items.map(\.whole)) }

    static func failedBody(_ completion: Completion, model: String, error: JSONValue) -> JSONValue {
        ResponsesWriter(completion, model: model).response(
            status: "failed", output: [],
            error: ["code": "server_error", "message": error["message"] ?? "no reason given"])
    }

    // MARK: Items

    /// One item of the output, and how it grows.
    private struct Item {
        var begun: JSONValue
        var whole: JSONValue
        /// The part that the words of a message belong to.
        var part: (begun: JSONValue, whole: JSONValue)?
        var pieces: [String]
        /// What each piece and the end are called, and the name of the whole in the latter.
        var names: (delta: String, done: String, whole: String)
    }

    private var items: [Item] {
        var items: [Item] = []
        if !completion.reasoning.isEmpty {
            let text = completion.reasoning.joined()
            items.append(
                Item(
                    begun: ["type": "reasoning", "id": "rs_fake", "summary": [], "content": []],
                    whole: [
                        "type": "reasoning", "id": "rs_fake", "summary": [],
                        "content": [["type": "reasoning_text", "text": .string(text)]],
                    ],
                    part: nil,
                    pieces: completion.reasoning,
                    names: ("response.reasoning_text.delta", "response.reasoning_text.done", "text")))
        }
        if !completion.content.isEmpty { items.append(message) }
        for (index, call) in completion.toolCalls.enumerated() {
            let begun: JSONValue = [
                "type": "function_call", "id": .string("fc_fake_\(index)"), "call_id": .string(call.identifier),
                "name": .string(call.name), "arguments": "", "status": "in_progress",
            ]
            items.append(
                Item(
                    begun: begun,
                    whole: begun.with("arguments", .string(call.arguments)).with("status", "completed"), part: nil,
                    pieces: call.argumentFragments,
                    names: (
                        "response.function_call_arguments.delta", "response.function_call_arguments.done", "arguments"
                    )))
        }
        return items
    }

    private var message: Item {
        let begun: JSONValue = [
            "type": "message", "id": "msg_fake", "role": "assistant", "status": "in_progress", "content": [],
        ]
        let part: JSONValue = ["type": "output_text", "text": "", "annotations": [], "logprobs": []]
        let wholePart = part.with("text", .string(completion.content.joined()))
        return Item(
            begun: begun, whole: begun.with("status", "completed").with("content", [wholePart]),
            part: (part, wholePart), pieces: completion.content,
            names: ("response.output_text.delta", "response.output_text.done", "text"))
    }

    // MARK: Events

    private mutating func event(_ type: String, _ members: JSONValue) -> [UInt8] {
        var value: JSONValue = ["type": .string(type), "sequence_number": .int(sequence)]
        for member in members.members ?? [] { value = value.with(member.name, member.value) }
        sequence += 1
        return EventSequence.named(value)
    }

    mutating func events() -> EventSequence {
        let begun = response(status: "in_progress", output: [])
        let opening = [
            event("response.created", ["response": begun]), event("response.in_progress", ["response": begun]),
        ]
        var spoken: [[UInt8]] = []
        for (index, item) in items.enumerated() { spoken += events(of: item, at: index) }
        let repeated = completion.isUnlimited ? completion.content.map { delta($0, of: message, at: 0) } : []
        let end = event(
            "response.\(lastStatus)", ["response": response(status: lastStatus, output: items.map(\.whole))])
        let error = event(
            "error",
            ["code": "server_error", "message": Completion.defaultError["message"] ?? nil, "param": nil])
        return EventSequence(
            opening: opening, spoken: spoken, repeated: repeated,
            closing: completion.finishReason == nil || completion.done == false ? [] : [end], error: error, done: end)
    }

    private mutating func events(of item: Item, at index: Int) -> [[UInt8]] {
        let place: JSONValue = ["output_index": .int(index)]
        let content = contentPlace(of: item, at: index)
        var events: [[UInt8]] = []
        for (position, piece) in item.pieces.enumerated() {
            var bytes: [UInt8] = []
            if position == 0 {
                bytes += event("response.output_item.added", place.with("item", item.begun))
                if let part = item.part {
                    bytes += event("response.content_part.added", content.with("part", part.begun))
                }
            }
            bytes += delta(piece, of: item, at: index)
            if position == item.pieces.count - 1 {
                var done = content.with(item.names.whole, .string(item.pieces.joined()))
                if let name = item.whole["name"] { done = done.with("name", name) }
                if item.whole["type"] == "message" { done = done.with("logprobs", []) }
                bytes += event(item.names.done, done)
                if let part = item.part {
                    bytes += event("response.content_part.done", content.with("part", part.whole))
                }
                bytes += event("response.output_item.done", place.with("item", item.whole))
            }
            events.append(bytes)
        }
        return events
    }

    private func contentPlace(of item: Item, at index: Int) -> JSONValue {
        let place: JSONValue = ["output_index": .int(index), "item_id": item.whole["id"] ?? nil]
        return item.names.whole == "text" ? place.with("content_index", 0) : place
    }

    private mutating func delta(_ piece: String, of item: Item, at index: Int) -> [UInt8] {
        var members = contentPlace(of: item, at: index).with("delta", .string(piece))
        if item.whole["type"] == "message" { members = members.with("logprobs", []) }
        return event(item.names.delta, members)
    }
}
