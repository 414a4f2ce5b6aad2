import TestSupport
import Testing

/// A page can give a name of its own this machine's address; the name is then all that tells it apart.
@Suite(.timeLimit(.minutes(10)))
struct HostNames {
    private func status(_ stage: Stage, _ host: String, _ path: String = "/api/tags") throws -> Int {
        try stage.client.request("GET", path, headers: [("Host", host)]).status
    }

    @Test func namesOfThisMachineAreFine() throws {
        let stage = try Stage()
        for host in [
            "localhost", "localhost:11434", "LOCALHOST", "127.0.0.1", "127.0.0.1:11434", "[::1]:11434", "::1",
            "0.0.0.0:11434", "192.168.1.5:11434", "10.0.0.7", "printer.local", "host.docker.internal:11434",
            "app.localhost",
        ] {
            #expect(try status(stage, host) == 200, "\(host)")
        }
    }

    @Test func foreignNamesAreRefused() throws {
        let stage = try Stage()
        for host in [
            "example.com", "example.com:11434", "localhost.example.com", "127.0.0.1.example.com", "8.8.8.8",
            "local", "mylocalhost", "example.com.", "[2606:4700::1]",
        ] {
            #expect(try status(stage, host) == 403, "\(host)")
        }
        let response = try stage.client.request("GET", "/api/tags", headers: [("Host", "example.com")])
        #expect(try (response.jsonObject()["error"] as? String)?.contains("example.com") == true)
        let openAI = try stage.client.request("GET", "/v1/models", headers: [("Host", "example.com")])
        #expect(openAI.status == 403)
        #expect(try openAI.jsonObject()["error"] is JSONObject)
    }

    /// Its browser takes the page for one of the server's own, since both go by the same name.
    @Test func aNameThatWasGivenOurAddressIsRefused() throws {
        let stage = try Stage()
        let response = try stage.client.post(
            "/api/chat", json: Stage.chatBody(),
            headers: [("Host", "evil.example:11434"), ("Origin", "http://evil.example:11434")])
        #expect(response.status == 403)
        #expect(try stage.upstream.chatRequests().isEmpty)
    }

    /// Who listens on all addresses is reached by names that nobody here knows.
    @Test func onAllAddressesAnyNameIsFine() throws {
        let stage = try Stage(settings: ["OLLAMA_HOST": "0.0.0.0"])
        #expect(try status(stage, "example.com") == 200)
        #expect(try status(stage, "ollama:11434") == 200)
    }
}
