import Foundation
import OllamaProxy
import Testing

/// Requests that manage models, and what they are answered.
struct ManagementTests {
    private func object(_ buffer: ByteBuffer) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(buffer.bytes)) as? [String: Any])
    }

    @Test(arguments: [
        "{\"model\":\"m\"}", "{\"name\":\"m\"}", "{\"name\":\"m\",\"model\":\"\"}", "{\"model\":\"m\",\"name\":null}",
    ])
    func bothNamesOfTheFieldAreTaken(json: String) throws {
        let request = try withBytes(json) { try ManagementRequest.named($0) }
        #expect(request.model == "m")
        #expect(request.stream)
        #expect(try withBytes("{\"model\":\"m\",\"stream\":false}") { try ManagementRequest.named($0) }.stream == false)
    }

    @Test(
        arguments: [
            ("{}", "source is required"), ("{\"source\":\"a\"}", "destination is required"),
            ("{\"source\":\"a\",\"destination\":\"b c\"}", "destination \"b c\" is invalid"),
        ])
    func copiesNeedBoth(json: String, message: String) {
        #expect(throws: RequestError.badRequest(message)) { try withBytes(json) { try ManagementRequest.copy($0) } }
    }

    @Test func aPullGoesThroughItsSteps() throws {
        let digest = String(repeating: "ab", count: 32)
        let lines = ManagementReplies.pulled(digest: digest, stream: true).text.split(separator: "\n").map(String.init)
        #expect(lines.first == "{\"status\":\"pulling manifest\"}")
        #expect(lines[1].contains("\"pulling abababababab\"") && lines[1].contains("\"sha256:\(digest)\""))
        #expect(lines.last == "{\"status\":\"success\"}")
        #expect(ManagementReplies.pulled(digest: digest, stream: false).text == "{\"status\":\"success\"}")
        #expect(ManagementReplies.notPulled().text.hasSuffix("{\"error\":\"\(ManagementReplies.noManifest)\"}\n"))
    }

    @Test func whatRunsIsInTheCatalogsOrder() throws {
        let catalog = Catalog([model("v/a:free", context: 1), model("v/b:free", context: 2)], selection: .init())
        var recent = RecentModels()
        recent.record("v/a:free", keepAlive: .lasting(.seconds(20)), now: .at(0))
        recent.record("v/b:free", keepAlive: .forever, now: .at(0))
        recent.record("v/gone:free", keepAlive: .forever, now: .at(0))
        let uses = recent.current(now: .at(0))
        let rows = try #require(try object(ManagementReplies.running(uses, in: catalog))["models"] as? [[String: Any]])
        #expect(rows.map { $0["name"] as? String } == ["v/b:free", "v/a:free"])
        #expect(rows[0]["expires_at"] as? String == "2262-04-11T23:47:16Z")
        #expect(rows[1]["expires_at"] as? String == "2026-09-21T14:13:40Z")
    }

    /// Neither a guard nor a router is worth recommending, and what calls tools is worth more.
    @Test func recommendationsAreAtMostFive() throws {
        let models =
            (0..<6).map { index in model("v/m\(index):free", context: 100 - index) }
            + [model("v/x-guard:free", context: 900), model("v/tools:free") { $0.abilities = [.tools] }]
        let catalog = Catalog(models, selection: .init())
        let rows = try object(ManagementReplies.recommendations(from: catalog))["recommendations"] as? [[String: Any]]
        let names = (rows ?? []).map { $0["model"] as? String }
        #expect(names == ["v/tools:free", "v/m0:free", "v/m1:free", "v/m2:free", "v/m3:free"])
    }
}
