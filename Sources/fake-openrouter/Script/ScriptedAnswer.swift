import Foundation

/// One answer of a script, checked and ready to be rendered for a request.
enum ScriptedAnswer {
    case stream(Completion)
    case file(FileAnswer)
    case status(StatusAnswer)
    case failure(Failure)

    init(script value: JSONValue) throws(ScriptError) {
        guard let kind = value["kind"]?.string else { throw ScriptError("an answer needs a \"kind\"") }
        switch kind {
        case "stream": self = .stream(try Completion(script: value))
        case "file": self = .file(try FileAnswer(script: value))
        case "status": self = .status(try StatusAnswer(script: value))
        case "failure": self = .failure(try Failure(script: value))
        default: throw ScriptError("unknown kind \"\(kind)\"; known are stream, file, status, failure")
        }
    }

    /// Whether every request gets the same bytes, so that they need rendering only once.
    var isTimeless: Bool { if case .failure = self { false } else { true } }

    /// Only what a model says can hold a label.
    func labelled(_ label: String) -> ScriptedAnswer {
        if case .stream(let completion) = self { .stream(completion.labelled(label)) } else { self }
    }

    func plan(model: String, isStream: Bool, as dialect: Dialect) -> ResponsePlan {
        switch self {
        case .stream(let completion):
            isStream ? completion.streamPlan(model: model, as: dialect) : completion.bodyPlan(model: model, as: dialect)
        case .file(let file): file.plan
        case .status(let status): status.plan
        case .failure(let failure): failure.plan(model: model, isStream: isStream, as: dialect)
        }
    }
}

/// A file replayed byte for byte.
struct FileAnswer {
    let plan: ResponsePlan

    init(script value: JSONValue) throws(ScriptError) {
        let fields = try AnswerFields(
            value, kind: "file", allowed: ["path", "status", "content_type", "headers", "split", "delay_ms"])
        guard let path = try fields.string("path") else { throw ScriptError("kind \"file\" needs a \"path\"") }
        guard let data = FileManager.default.contents(atPath: path) else { throw ScriptError("cannot read \(path)") }
        let isStream = path.hasSuffix(".sse")
        let pieceLength = try fields.count("split")
        if pieceLength == 0 { throw ScriptError("\"split\" must be 1 or more") }

        var builder = PlanBuilder(pieceLength: pieceLength)
        builder.raw(
            ResponseHead.chunked(
                status: try fields.int("status") ?? 200,
                contentType: try fields.string("content_type") ?? (isStream ? "text/event-stream" : "application/json"),
                headers: try fields.headers()))
        let delay = try fields.delay("delay_ms") ?? .none
        for (index, event) in Self.events(Array(data)).enumerated() {
            builder.chunk(Array(event), delay: index == 0 ? .none : delay)
        }
        builder.endChunks()
        plan = builder.plan(ending: .complete)
    }

    /// Cuts after every blank line, without losing a byte.
    private static func events(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var events: [ArraySlice<UInt8>] = []
        var start = 0
        for index in bytes.indices.dropFirst() where bytes[index] == 0x0A && bytes[index - 1] == 0x0A && index > start {
            events.append(bytes[start...index])
            start = index + 1
        }
        if start < bytes.count { events.append(bytes[start...]) }
        return events
    }
}

/// A bare status with a body.
struct StatusAnswer {
    let plan: ResponsePlan

    init(script value: JSONValue) throws(ScriptError) {
        let fields = try AnswerFields(
            value, kind: "status", allowed: ["status", "body", "content_type", "headers", "keepalives", "delay_ms"])
        let status = try fields.int("status") ?? 200
        var body: [UInt8] = []
        var defaultType = "application/json"
        switch fields["body"] {
        case nil: break
        case .string(let text):
            body = Array(text.utf8)
            if text.hasPrefix("<") { defaultType = "text/html; charset=UTF-8" }
        case .some(let value): body = value.rendered
        }
        let contentType = try fields.string("content_type") ?? defaultType
        let headers = try fields.headers()
        let keepAlives = try fields.count("keepalives") ?? 0
        let delay = try fields.delay("delay_ms")

        var builder = PlanBuilder()
        if keepAlives > 0 {
            let interval = delay ?? KeepAlive.interval
            builder.raw(ResponseHead.chunked(status: status, contentType: contentType, headers: headers))
            builder.chunk(KeepAlive.whiteSpace)
            for _ in 1..<keepAlives { builder.chunk(KeepAlive.whiteSpace, delay: interval) }
            builder.chunk(body, delay: interval)
            builder.endChunks()
        } else {
            builder.raw(
                ResponseHead.sized(status: status, contentType: contentType, length: body.count, headers: headers),
                delay: delay ?? .none)
            builder.raw(body)
        }
        plan = builder.plan(ending: .complete)
    }
}
