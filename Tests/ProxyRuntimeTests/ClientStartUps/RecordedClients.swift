import Foundation
import TestSupport
import Testing

/// A request that some client sent to a real Ollama.
struct RecordedCall: CustomTestStringConvertible {
    let name: String
    let path: String
    let json: String
    var testDescription: String { name }

    static var isAvailable: Bool { !ollamaPython.isEmpty && !langChain4j.isEmpty }
    static let skipReason = "the recorded requests of clients are not here; set SHARED_DIR to the folder that has them"

    /// As ollama-python 0.3 sent them, with every empty field.
    static let ollamaPython: [RecordedCall] = {
        let recordings = object("recorded--ollama-python-0.3-requests.json")
        return recordings.keys.sorted().compactMap { name in
            guard let recording = recordings[name] as? JSONObject, let body = recording["body"],
                let uri = recording["uri"] as? String, let path = URL(string: uri)?.path
            else { return nil }
            return RecordedCall(name: name, path: path, json: JSON.text(body))
        }
    }()

    /// As langchain4j sent them, all of them chats.
    static let langChain4j: [RecordedCall] = {
        let bodies = object("recorded--langchain4j-requests.json")["bodies"] as? JSONObject ?? [:]
        return bodies.keys.sorted().map { name in
            RecordedCall(name: name, path: "/api/chat", json: JSON.text(bodies[name] ?? [:]))
        }
    }()

    private static func object(_ file: String) -> JSONObject {
        guard let folder = SharedRecordings.sharedFolder,
            let data = try? Data(contentsOf: folder.appendingPathComponent("facts/clients-recorded/\(file)"))
        else { return [:] }
        return (try? JSONSerialization.jsonObject(with: data)) as? JSONObject ?? [:]
    }
}

/// Recorded requests get the answers that their senders can read.
@Suite(.enabled(if: RecordedCall.isAvailable, "\(RecordedCall.skipReason)"), .timeLimit(.minutes(10)))
struct RecordedClients {
    @Test(arguments: RecordedCall.ollamaPython) func ollamaPython(call: RecordedCall) throws {
        try replay(call)
    }

    @Test(arguments: RecordedCall.langChain4j) func langChain4j(call: RecordedCall) throws {
        try replay(call)
    }

    private func replay(_ call: RecordedCall) throws {
        let stage = try Stage(settings: ["EMBEDDING_MODEL": "oak/vectors:free"])
        try stage.scriptAll(Answer.words(["Hello ", "there"]))
        let body = try JSON.object(call.json)
        let reply = ChatReply(try stage.client.post(call.path, json: call.json))
        #expect(reply.status == 200, "\(reply.response.text)")
        guard call.path != "/api/embeddings" else {
            #expect((reply.last["embedding"] as? [Double])?.isEmpty == false)
            return
        }
        if body["stream"] as? Bool == false {
            #expect(reply.lines.count == 1)
            ClientNeeds.expectSummary(reply.last)
        } else {
            ClientNeeds.expectStream(reply)
        }
        // The model is named as it was asked for, whichever model answered.
        #expect(reply.last["model"] as? String == body["model"] as? String)
        if call.path == "/api/chat" {
            #expect(reply.content == "Hello there")
            try expectResultsPaired(try stage.forwardedMessages())
        } else {
            #expect(reply.lines.compactMap { $0["response"] as? String }.joined() == "Hello there")
        }
    }

    /// Providers refuse a tool's result that names no call before it.
    private func expectResultsPaired(_ messages: [JSONObject]) throws {
        var calls = Set<String>()
        for message in messages {
            for call in message["tool_calls"] as? [JSONObject] ?? [] {
                calls.insert(try #require(call["id"] as? String))
                #expect((call["function"] as? JSONObject)?["arguments"] is String)
            }
            guard message["role"] as? String == "tool" else { continue }
            #expect(calls.contains(message["tool_call_id"] as? String ?? ""))
        }
    }
}
