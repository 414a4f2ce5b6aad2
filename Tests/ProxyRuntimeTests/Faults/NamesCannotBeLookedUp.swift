import Foundation
import TestSupport
import Testing

/// The upstream's name cannot be looked up: a look-up that hangs holds up nobody else and ends in time, and once names
/// are answered again everything works by itself.
@Suite(
    .timeLimit(.minutes(10)), .enabled(if: NameServer.isAvailable, Comment(rawValue: NameServer.unavailable)))
struct NamesCannotBeLookedUp {
    private let folder: TemporaryFolder
    private let upstream: FakeOpenRouter

    init() throws {
        folder = try TemporaryFolder()
        upstream = try FakeOpenRouter()
        // The list is known from before.
        #expect(try Stage(dataFolder: folder.url, upstream: upstream).proxy.terminate() == .exited(0))
        try upstream.setAnswers(JSON.text(Answer.words(["fine"])))
    }

    private func proxy(_ names: NameServer) throws -> ProxyProcess {
        try ProxyProcess(
            upstream: "http://upstream.example:\(upstream.port)/api/v1", settings: ["CONNECT_TIMEOUT_SECONDS": "2"],
            dataFolder: folder.url, launcher: names.launcher)
    }

    @Test(arguments: NameServer.Behaviour.allCases.filter { $0 != .answering })
    func untilTheyCan(behaviour: NameServer.Behaviour) throws {
        let names = try NameServer(behaviour)
        let proxy = try proxy(names)
        let response = try proxy.client.post("/api/chat", json: Stage.chatBody())
        #expect(response.status == 502)
        #expect(response.errorText?.lowercased().contains("resolv") == true, "\(response.text)")
        try proxy.waitForLog(event: "models_refresh_failed", containing: "esolv")
        #expect(try proxy.client.request("GET", "/api/tags").status == 200)
        try proxy.expectRest()

        names.behave(.answering)
        // A question under way may have been lost, and is asked again after five seconds only.
        let deadline = Date(timeIntervalSinceNow: 30)
        var content = ""
        while content != "fine", Date() < deadline {
            content = ChatReply(try proxy.client.post("/api/chat", json: Stage.chatBody())).content
        }
        #expect(content == "fine")
        // Nobody but the network is to blame.
        #expect(try proxy.health()["in_cooldown"] == 0)
        try proxy.waitForLog(event: "models_ready", containing: "source=upstream", timeout: 40)
    }

    /// The look-up is another thread's.
    @Test func othersAreServedWhileALookUpHangs() throws {
        let names = try NameServer(.silent)
        let proxy = try proxy(names)
        try proxy.waitForLog(event: "account_unknown")
        try proxy.waitForLog(event: "models_refresh_failed")
        let asked = names.questionCount
        let chat = try proxy.client.open("POST", "/api/chat", body: Stage.chatBody())
        #expect(names.waitForQuestion(after: asked))
        for path in ["/", "/api/tags", "/api/version", "/health"] {
            #expect(try proxy.client.request("GET", path).status == 200)
        }
        // All that while it hung.
        #expect(!proxy.logLines.contains { $0.event == "request" && $0["path"] == "/api/chat" })
        #expect(try chat.readHead().status == 502)
    }

    /// Nor does the end wait for it.
    @Test func theServerEndsWhileALookUpHangs() throws {
        let names = try NameServer(.silent)
        let proxy = try proxy(names)
        #expect(names.waitForQuestion(after: 0))
        #expect(proxy.terminate() == .exited(0))
    }
}
