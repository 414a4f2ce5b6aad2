import Foundation
import TestSupport
import Testing

/// `GET /key` tells which limits the account has.
@Suite(.timeLimit(.minutes(10)))
struct AccountIsAsked {
    private func upstream(key: String, status: Int = 200) throws -> FakeOpenRouter {
        let upstream = try FakeOpenRouter()
        try upstream.setKey(key, status: status)
        return upstream
    }

    private func remaining(_ stage: Stage) throws -> String? {
        try stage.scriptAll(Answer.words(["fine"]))
        return try stage.chat().response.headers["X-Proxy-Budget-Remaining"]
    }

    @Test(arguments: [(true, "50", "49"), (false, "1000", "999")])
    func theTierDecidesAboutTheDay(isFreeTier: Bool, limit: String, left: String) throws {
        let stage = try Stage(upstream: upstream(key: "{\"data\":{\"is_free_tier\":\(isFreeTier)}}"))
        let line = try stage.proxy.waitForLog(event: "account")
        #expect(line["free_tier"] == "\(isFreeTier)")
        #expect(line["free_requests_per_day"] == limit)
        #expect(line["free_requests_per_minute"] == "20")
        #expect(try remaining(stage) == left)
    }

    @Test func whatIsSetCountsForMore() throws {
        let stage = try Stage(
            settings: ["FREE_REQUESTS_PER_DAY": "7", "FREE_REQUESTS_PER_MINUTE": "3"],
            upstream: upstream(key: "{\"data\":{\"is_free_tier\":true}}"))
        let line = try stage.proxy.waitForLog(event: "account")
        #expect(line["free_requests_per_day"] == "7")
        #expect(line["free_requests_per_minute"] == "3")
        #expect(try remaining(stage) == "6")
    }

    /// Without an answer the larger limit is taken for granted, and service goes on.
    @Test(arguments: [
        ("{\"error\":{\"message\":\"out of order\"}}", 500), ("<html>", 502), ("{\"data\":[", 200), ("[]", 200),
    ])
    func serviceDoesNotDependOnIt(key: String, status: Int) throws {
        let stage = try Stage(upstream: upstream(key: key, status: status))
        let line = try stage.proxy.waitForLog(event: "account_unknown")
        #expect(line.level == "warn")
        #expect(try remaining(stage) == "999")
    }

    /// Credits that were bought are known after SIGHUP.
    @Test func itIsAskedAgainWhenTold() throws {
        let upstream = try upstream(key: "{\"data\":{\"is_free_tier\":true}}")
        let stage = try Stage(upstream: upstream)
        #expect(try remaining(stage) == "49")
        try upstream.setKey("{\"data\":{\"is_free_tier\":false}}")
        let logged = stage.proxy.logCount
        stage.proxy.process.send(signal: SIGHUP)
        try stage.proxy.waitForLog(event: "account", containing: "free_requests_per_day=1000", from: logged)
        #expect(try remaining(stage) == "998")
    }

    /// The tier is remembered for a start at which the upstream does not answer.
    @Test func theTierSurvivesARestart() throws {
        let folder = try TemporaryFolder()
        let upstream = try upstream(key: "{\"data\":{\"is_free_tier\":true}}")
        #expect(try Stage(dataFolder: folder.url, upstream: upstream).proxy.terminate() == .exited(0))
        try upstream.setKey("", status: 500)
        #expect(try remaining(Stage(dataFolder: folder.url, upstream: upstream)) == "49")
    }
}
