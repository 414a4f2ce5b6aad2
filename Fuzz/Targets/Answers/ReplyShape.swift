import OllamaProxy

/// What a reply must look like, whatever the upstream has said: valid to its last byte, with one end.
struct ReplyShape {
    /// The upstream's words may be in it as they came.
    let door: Door

    func check(_ run: ExchangeRun) {
        let reply = run.reply
        guard let outcome = run.outcome else { fatalError("the exchange does not end: \(reply.text)") }
        expect(run.finishCount == 1, "the exchange ends \(run.finishCount) times")
        expect(run.headCount == 1, "\(run.headCount) heads in one reply")
        let isAnswered = outcome == .answered
        guard run.isStream else {
            expect((run.status == 200) == isAnswered, "status \(run.status), and \(outcome)")
            return checkWhole(reply, isAnswered: isAnswered)
        }
        if door.form == .lines {
            checkLines(reply, isAnswered: isAnswered)
        } else {
            checkEvents(reply, isAnswered: isAnswered)
        }
    }

    private func checkWhole(_ reply: ByteBuffer, isAnswered: Bool) {
        guard let tree = JSONTree(reply), tree.isObject else { fatalError("a reply that is no object: \(reply.text)") }
        let error = tree.values(of: "error").last { $0 != .null }
        if isAnswered, !door.isForwarding { expect(error == nil, "an answer and an error: \(reply.text)") }
        if !isAnswered {
            expect(error != nil, "neither an answer nor an error: \(reply.text)")
            expect(reply.withBytes { $0.offset(of: Examples.key, from: 0) } == nil, "the key is in: \(reply.text)")
        }
        if isAnswered, door == .ollamaChat(stream: false) || door == .ollamaGenerate(stream: false) {
            expect(tree["done"] == .bool(true), "an answer that is not done: \(reply.text)")
        }
    }

    /// Ollama's streams.
    private func checkLines(_ reply: ByteBuffer, isAnswered: Bool) {
        reply.withBytes { bytes in
            expect(bytes.last == 0x0A, "the last line has no end: \(bytes.text)")
            var ends = 0
            for line in PlainReading.lines(of: bytes) {
                guard let tree = line.withUnsafeBufferPointer({ JSONTree($0) }), tree.isObject else {
                    fatalError("a line that is no object: \(bytes.text)")
                }
                expect(ends == 0, "a line behind the end: \(bytes.text)")
                expect(Set(tree.keys).count == tree.keys.count, "a field is given twice: \(bytes.text)")
                let isDone = tree["done"] == .bool(true)
                let isError = tree["error"] != nil
                if isDone || isError { ends += 1 }
                expect(!isDone || isAnswered, "done, after all went wrong: \(bytes.text)")
                expect(!isError || !isAnswered, "an error, and yet answered: \(bytes.text)")
            }
            expect(ends == 1, "the stream has no end: \(bytes.text)")
        }
    }

    private func checkEvents(_ reply: ByteBuffer, isAnswered: Bool) {
        reply.withBytes { bytes in
            expect(bytes.count >= 2 && bytes.part(bytes.count - 2..<bytes.count).equals("\n\n"), "cut: \(bytes.text)")
            let events = PlainReading.events(of: bytes)
            var errors = 0
            for (number, event) in events.enumerated() {
                let isLast = number == events.count - 1
                if event.data == "[DONE]" {
                    expect(isLast && isAnswered && door.form == .chatEvents, "[DONE] out of place: \(bytes.text)")
                    continue
                }
                guard let tree = event.data.withBytes({ JSONTree($0) }), tree.isObject else {
                    fatalError("an event that is no object: \(bytes.text)")
                }
                if isError(tree) { errors += 1 }
                expect(isLast || errors == 0, "an error, and no end: \(bytes.text)")
                checkName(event, tree)
                if door.form == .messagesEvents, isLast {
                    expect(isAnswered == (tree["type"]?.text == "message_stop"), "an end out of place: \(bytes.text)")
                }
            }
            expect(errors == (isAnswered ? 0 : 1), "\(errors) errors, answered: \(isAnswered), in \(bytes.text)")
            if door.form == .chatEvents {
                expect(!isAnswered || events.last?.data == "[DONE]", "no end: \(bytes.text)")
            }
        }
    }

    private func isError(_ tree: JSONTree) -> Bool {
        door.form == .chatEvents ? tree.values(of: "error").contains { $0 != .null } : tree["type"]?.text == "error"
    }

    /// Clients that go by the name must come to the same as those that go by the data.
    private func checkName(_ event: PlainReading.Event, _ tree: JSONTree) {
        switch door.form {
        case .lines, .chatEvents: expect(event.name.isEmpty, "a name where there are none: \(event)")
        case .responsesEvents, .messagesEvents:
            let type = tree["type"]?.text ?? ""
            // A name that spans lines has no place in the field.
            expect(event.name == type || type.utf8.contains { [0x0A, 0x0D].contains($0) }, "misnamed: \(event)")

        }
    }
}

extension Door {
    /// What the replies of a door consist of.
    fileprivate enum Form {
        case lines, chatEvents, responsesEvents, messagesEvents
    }

    fileprivate var form: Form {
        switch name.description {
        case "responses": .responsesEvents
        case "messages": .messagesEvents
        case let name where name.hasPrefix("ollama"): .lines
        default: .chatEvents
        }
    }
}
