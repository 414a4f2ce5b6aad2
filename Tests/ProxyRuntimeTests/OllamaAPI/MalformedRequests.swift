import Foundation
import TestSupport
import Testing

/// Every request that is wrong is refused in words that help, and the server lives on.
@Suite(.timeLimit(.minutes(10)))
struct MalformedRequests {
    /// A proxy that can serve every route, with an alias to be deleted.
    private static func stage() throws -> Stage {
        let stage = try Stage(settings: Stage.unlimited.merging(["EMBEDDING_MODEL": "oak/vectors:free"]) { $1 })
        try stage.scriptAll(Answer.words(["Hello"]))
        return stage
    }

    private func send(_ stage: Stage, _ route: PostRoute, _ body: [UInt8]) throws -> HTTPResponse {
        try stage.client.request(route.method, route.path, body: body)
    }

    private func send(_ stage: Stage, _ route: PostRoute, _ json: String) throws -> HTTPResponse {
        try send(stage, route, Array(json.utf8))
    }

    /// Ollama's shape of an error, with the message.
    private func refusal(_ response: HTTPResponse, _ body: String) throws -> String {
        #expect((400..<500).contains(response.status), "\(response.status) \(body)")
        #expect(response.headers["Content-Type"] == "application/json; charset=utf-8")
        let object = try response.jsonObject()
        #expect(Set(object.keys) == ["error"], "\(body)")
        let message = object["error"] as? String ?? ""
        #expect(!message.isEmpty && message.utf8.count < 1000, "\(body)")
        return message
    }

    /// The same process, which holds on to nothing.
    private func expectWell(_ stage: Stage) throws {
        #expect(stage.proxy.process.isRunning)
        #expect(try stage.proxy.health().status == "ok")
        try stage.waitUntilIdle()
        #expect(try stage.chat().content == "Hello")
        #expect(stage.proxy.logLines.allSatisfy { $0.event != "stopped" })
    }

    @Test(arguments: PostRoute.all) func wrongTypesAreNamed(route: PostRoute) throws {
        let stage = try Self.stage()
        #expect(!route.wrongTypes.isEmpty)
        for malformed in route.wrongTypes {
            let message = try refusal(try send(stage, route, malformed.json), malformed.json)
            #expect(message.contains(malformed.field), "\(malformed.json): \(message)")
        }
        #expect(try stage.upstream.requests().isEmpty)
        try expectWell(stage)
    }

    /// What is null is not there, and what nobody knows may be a later version's.
    @Test(arguments: PostRoute.all) func whatIsOnlySloppyIsServed(route: PostRoute) throws {
        let stage = try Self.stage()
        let nulls = route.kinds.map(\.field).filter { !route.valid.contains("\"\($0)\"") }
        for extra in nulls.map({ "\"\($0)\":null" }) + ["\"unknown\":[{\"a\":1}]", "\"\":0", "\"näme\":{}"] {
            if route.path == "/api/delete" {
                let copy = "{\"source\":\"alpha-70b\",\"destination\":\"mine\"}"
                #expect(try stage.client.post("/api/copy", json: copy).status == 200)
            }
            let body = " \r\n\t{\(route.valid),\(extra)} \n"
            let response = try send(stage, route, body)
            #expect(response.status == 200, "\(body): \(response.text)")
        }
        try expectWell(stage)
    }

    @Test(arguments: PostRoute.all) func missingFieldsAreNamed(route: PostRoute) throws {
        let stage = try Self.stage()
        let cases =
            route.path == "/api/copy"
            ? [
                ("{}", "source"), ("{\"source\":\"alpha-70b\"}", "destination"), ("{\"destination\":\"x\"}", "source"),
                ("{\"source\":\"\",\"destination\":\"x\"}", "source"),
                ("{\"source\":null,\"destination\":\"x\"}", "source"),
            ]
            : [
                ("{}", "model"), ("{\"model\":\"\"}", "model"), ("{\"model\":null}", "model"),
                ("{\"stream\":false}", "model"),
            ]
        for (body, field) in cases {
            let message = try refusal(try send(stage, route, body), body)
            #expect(message == "\(field) is required", "\(body)")
        }
        try expectWell(stage)
    }

    @Test(arguments: PostRoute.all) func whatIsNoObjectIsRefused(route: PostRoute) throws {
        let stage = try Self.stage()
        for body in [
            "", " ", "null", "true", "5", "\"text\"", "[]", "[\(route.body)]", "\(route.body)}", "\(route.body){}",
            "{\(route.valid),}", "{,\(route.valid)}", "{\(route.valid),\"a\"}", "{\(route.valid),\"a\":}",
            "{\(route.valid) \"a\":1}", "{\(route.valid),a:1}", "{\(route.valid),'a':1}", "{\(route.valid),\"a\":01}",
            "{\(route.valid),\"a\":+1}", "{\(route.valid),\"a\":.5}", "{\(route.valid),\"a\":1e}",
            "{\(route.valid),\"a\":NaN}", "{\(route.valid),\"a\":tru}", "{\(route.valid),\"a\":\"\\x\"}",
            "{\(route.valid),\"a\":\"\\u12\"}", "{\(route.valid),\"a\":\"\n\"}", "{\(route.valid),\"a\":\"\u{0}\"}",
            "<html>", "model=alpha-70b&prompt=hi", "{\(route.valid)/* no */}",
        ] {
            _ = try refusal(try send(stage, route, body), body)
        }
        #expect(try stage.upstream.requests().isEmpty)
        try expectWell(stage)
    }

    @Test(arguments: PostRoute.all) func truncatedAtEveryByte(route: PostRoute) throws {
        let stage = try Self.stage()
        let body = Array("{\(route.valid),\"options\":{\"stop\":[\"é\\n\"],\"seed\":-1.0e1},\"stream\":false}".utf8)
        // One connection for all: whatever comes before must not spoil what comes after.
        let client = try stage.client.connect()
        for length in 0..<body.count {
            try client.send(route.method, route.path, body: Array(body[..<length]))
            let text = String(decoding: body[..<length], as: UTF8.self)
            _ = try refusal(try client.readResponse(), text)
        }
        client.close()
        #expect(try stage.upstream.requests().isEmpty)
        try expectWell(stage)
    }

    @Test(arguments: PostRoute.all, ["[", "{\"a\":"]) func deepNestingIsRefused(route: PostRoute, level: String) throws
    {
        let stage = try Self.stage()
        let close = level == "[" ? "]" : "}"
        for depth in [600, 10_000, 200_000] {
            let opening = String(repeating: level, count: depth)
            let whole = opening + "1" + String(repeating: close, count: depth)
            for value in [opening, whole] {
                let message = try refusal(try send(stage, route, "{\(route.valid),\"x\":\(value)}"), "\(depth)")
                #expect(message.contains("nesting"), "\(message)")
                #expect(message.contains("x"))
            }
        }
        try expectWell(stage)
    }

    @Test(arguments: PostRoute.all) func badUTF8IsReplaced(route: PostRoute) throws {
        let stage = try Self.stage()
        for bytes: [UInt8] in [
            [0xFF], [0xC0, 0x80], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0x80],
        ] {
            if route.path == "/api/delete" {
                let copy = "{\"source\":\"alpha-70b\",\"destination\":\"mine\"}"
                #expect(try stage.client.post("/api/copy", json: copy).status == 200)
            }
            let body = Array("{\(route.valid),\"note\":\"".utf8) + bytes + Array("\"}".utf8)
            #expect(try send(stage, route, body).status == 200, "\(route.path) \(bytes)")
            // Outside of a text no replacement makes it JSON.
            _ = try refusal(try send(stage, route, Array("{\(route.valid),".utf8) + bytes + [0x7D]), "\(bytes)")
        }
        try expectWell(stage)
    }
}
