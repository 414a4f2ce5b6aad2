import Foundation
import TestSupport
import Testing

/// `/api/ps`: what was used lately, for as long as its user wants it kept.
@Suite(.timeLimit(.minutes(10)))
struct RunningModels {
    private func use(_ stage: Stage, _ model: ListedModel, keepAlive: Any?) throws {
        try stage.scriptAll(Answer.words(["Hello"]))
        let reply = try stage.chat(model.id, keepAlive.map { ["keep_alive": $0] } ?? [:])
        #expect(reply.isDone)
    }

    private func expiry(_ row: JSONObject) throws -> Date {
        ClientNeeds.expectDate(row["expires_at"])
        return try #require(ISO8601DateFormatter().date(from: row["expires_at"] as? String ?? ""))
    }

    @Test func nothingRunsAtFirst() throws {
        let stage = try Stage()
        #expect(try stage.client.request("GET", "/api/ps").text == "{\"models\":[]}")
        #expect(try stage.client.request("HEAD", "/api/ps").status == 200)
    }

    @Test func whatAnsweredIsListed() throws {
        let stage = try Stage()
        try stage.script([(.first, [Answer.failure("503")]), (.second, [Answer.words(["Hello"])])])
        #expect(try stage.chat().answeredBy == ListedModel.second.id)
        let rows = try stage.running()
        #expect(rows.map { $0["name"] as? String } == [ListedModel.second.id])
        let row = rows[0]
        #expect(row["model"] as? String == ListedModel.second.id)
        #expect(row["size"] is Int && row["size_vram"] is Int)
        #expect(row["context_length"] as? Int == ListedModel.second.context)
        let listed = try #require(try stage.tags().first { $0["name"] as? String == ListedModel.second.id })
        #expect(row["digest"] as? String == listed["digest"] as? String)
        #expect(JSON.text(row["details"] ?? 0) == JSON.text(listed["details"] ?? 1))
    }

    /// Far apart, so that no machine is too slow for them.
    @Test(arguments: [("default", 300.0), ("1h", 3600), ("7200", 7200), ("1h30m", 5400), ("86400s", 86_400)])
    func keepAliveSaysHowLong(keepAlive: String, seconds: Double) throws {
        let stage = try Stage()
        try use(stage, .first, keepAlive: keepAlive == "default" ? nil : Int(keepAlive) ?? keepAlive as Any)
        let left = try expiry(try #require(try stage.running().first)).timeIntervalSinceNow
        #expect(left > seconds - 120 && left < seconds + 120)
    }

    @Test(arguments: ["-1", "\"-1\"", "\"-1s\"", "\"-5m\""])
    func negativeMeansForEver(keepAlive: String) throws {
        let stage = try Stage()
        let body = "{\"model\":\"\(ListedModel.first.id)\",\"prompt\":\"\",\"keep_alive\":\(keepAlive)}"
        #expect(try stage.client.post("/api/generate", json: body).status == 200)
        let year = Calendar(identifier: .gregorian).component(
            .year, from: try expiry(try #require(try stage.running().first)))
        #expect(year > 2100)
    }

    @Test(arguments: ["/api/chat", "/api/generate"])
    func unloadingTakesItAway(path: String) throws {
        let stage = try Stage()
        try use(stage, .first, keepAlive: "1h")
        try use(stage, .second, keepAlive: -1)
        #expect(try stage.running().map { $0["name"] as? String } == [ListedModel.first.id, ListedModel.second.id])
        // By any of its names.
        #expect(try stage.send(["model": "beta-30b", "keep_alive": 0], to: path).doneReason == "unload")
        #expect(try stage.running().map { $0["name"] as? String } == [ListedModel.first.id])
    }

    @Test func anAnswerThatIsNotToBeKeptIsNot() throws {
        let stage = try Stage()
        try use(stage, .first, keepAlive: 0)
        #expect(try stage.running().isEmpty)
    }

    @Test func loadingIsUse() throws {
        let stage = try Stage()
        #expect(try stage.send(["model": ListedModel.third.id], to: "/api/generate").doneReason == "load")
        #expect(try stage.running().map { $0["name"] as? String } == [ListedModel.third.id])
    }

    @Test func whatFailedIsNotInUse() throws {
        let stage = try Stage()
        try stage.scriptAll(Answer.failure("503"))
        #expect(try stage.chat().status >= 500)
        #expect(try stage.running().isEmpty)
    }
}
