import Foundation
import TestSupport
import Testing

/// Every setting is checked at the start: what cannot be used ends in exit code 2 and a message that says which
/// variable, what it is, and what is allowed.
@Suite(.timeLimit(.minutes(10)))
struct ConfigurationIsChecked {
    private func refused(_ settings: [String: String]) throws -> String {
        let proxy = try ProxyProcess(upstream: nil, settings: settings, waitsUntilListening: false)
        #expect(proxy.waitForExit(timeout: 20) == .exited(2), "\(settings)")
        #expect(proxy.process.output.lines.isEmpty)
        return proxy.process.errors.lines.joined(separator: "\n")
    }

    @Test(arguments: [
        ("FREE_MODE", "maybe", "true or false"), ("TOOL_USE_ONLY", "2", "true or false"),
        ("LOG_LEVEL", "LOUD", "DEBUG"), ("LOG_LEVEL", "trace", "ERROR"), ("MODEL_NAMES", "tiny", "short"),
        ("PORT", "65536", "65535"), ("PORT", "-1", "65535"), ("PORT", "http", "65535"), ("PORT", "1 1", "65535"),
        ("OLLAMA_HOST", "ftp://x", "0.0.0.0"), ("OLLAMA_HOST", "127.0.0.1:99999", "0.0.0.0"),
        ("OPENROUTER_BASE_URL", "openrouter.ai", "http"), ("OPENROUTER_BASE_URL", "https://", "http"),
        ("OPENROUTER_BASE_URL", "ftp://openrouter.ai", "http"),
        ("MAX_ATTEMPTS", "0", "1"), ("MAX_ATTEMPTS", "many", "whole number"),
        ("FIRST_TOKEN_TIMEOUT_SECONDS", "0", "1"), ("FIRST_TOKEN_TIMEOUT_SECONDS", "1.5", "whole number"),
        ("IDLE_TIMEOUT_SECONDS", "x", "whole number"), ("CONNECT_TIMEOUT_SECONDS", "0", "1"),
        ("FAILURE_COOLDOWN_MINUTES", "-5", "0"), ("RATELIMIT_COOLDOWN_MINUTES", "soon", "whole number"),
        ("SHUTDOWN_GRACE_SECONDS", "-1", "0"), ("MODELS_REFRESH_HOURS", "0", "1"),
        ("OPENROUTER_API_KEY_FILE", "/nonexistent/key", "file"), ("MODEL_ORDER", "best", "reliability"),
        ("STRICT_MODELS", "maybe", "true or false"), ("CONTINUE_STREAMS", "often", "true or false"),
        ("HEDGE_IN_FREE_MODE", "2", "true or false"), ("HEDGE_AFTER_SECONDS", "-1", "0"),
        ("TOTAL_TIMEOUT_SECONDS", "-1", "0"), ("QUEUE_SECONDS", "long", "whole number"),
        ("FREE_REQUESTS_PER_MINUTE", "-1", "0"), ("FREE_REQUESTS_PER_DAY", "all", "whole number"),
        ("FALLBACK_MODELS", "two words", "model"),
    ])
    func values(name: String, value: String, allowed: String) throws {
        var settings = [name: value]
        if name == "OPENROUTER_API_KEY_FILE" { settings["OPENROUTER_API_KEY"] = "" }
        let message = try refused(settings)
        #expect(message.contains(name))
        #expect(message.contains(value))
        #expect(message.lowercased().contains(allowed.lowercased()))
    }

    @Test func allThatIsWrongIsToldAtOnce() throws {
        let message = try refused(["FREE_MODE": "maybe", "PORT": "x", "LOG_LEVEL": "LOUD"])
        for name in ["FREE_MODE", "PORT", "LOG_LEVEL"] { #expect(message.contains(name)) }
    }

    @Test func aMissingKeyIsTold() throws {
        #expect(try refused(["OPENROUTER_API_KEY": ""]).contains("OPENROUTER_API_KEY"))
    }

    /// What is wrong with a key may be a space only, so it is never shown.
    @Test func aBrokenKeyIsNotShown() throws {
        let message = try refused(["OPENROUTER_API_KEY": "sk-or-v1-secret half"])
        #expect(message.contains("OPENROUTER_API_KEY"))
        #expect(!message.contains("secret"))
    }

    @Test func aPasswordInTheAddressIsNotShown() throws {
        let message = try refused(["OPENROUTER_BASE_URL": "https://user:secret@host/api"])
        #expect(message.contains("OPENROUTER_BASE_URL"))
        #expect(!message.contains("secret"))
    }

    @Test func anEmptyValueIsNone() throws {
        // The harness takes out what is empty, so the blanks that compose files leave stand for it here.
        let stage = try Stage(settings: ["FREE_MODE": " ", "LOG_LEVEL": " ", "MAX_ATTEMPTS": " "])
        #expect(try stage.proxy.health().models == 3)
    }

    @Test(arguments: ["/", "", "///"])
    func slashesBehindTheBaseURL(slashes: String) throws {
        let upstream = try FakeOpenRouter()
        let proxy = try ProxyProcess(upstream: upstream.baseURL + slashes)
        try proxy.waitForLog(event: "models_ready", containing: "source=upstream")
    }

    @Test func theKeyMayBeInAFile() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("sk-or-v1-from-file\n", to: "key")
        let stage = try Stage(settings: ["OPENROUTER_API_KEY": "", "OPENROUTER_API_KEY_FILE": file.path])
        _ = try stage.chat()
        #expect(try stage.onlyRequest().headers["authorization"] == "Bearer sk-or-v1-from-file")
    }

    @Test func theOtherKeyIsTakenWithAWarning() throws {
        let stage = try Stage(settings: ["OPENROUTER_API_KEY": "", "OPENAI_API_KEY": "sk-other"])
        _ = try stage.chat()
        #expect(try stage.onlyRequest().headers["authorization"] == "Bearer sk-other")
        let warnings = stage.proxy.logLines.filter { $0.level == "warn" }
        #expect(warnings.contains { $0.text.contains("OPENAI_API_KEY") })
    }

    @Test(arguments: ["127.0.0.1:0", ":0", "0.0.0.0:0", "http://127.0.0.1:0", "localhost:0", "'127.0.0.1:0'"])
    func addressesAsOllamaTakesThem(host: String) throws {
        let upstream = try FakeOpenRouter()
        let proxy = try ProxyProcess(upstream: upstream.baseURL, settings: ["OLLAMA_HOST": host, "PORT": ""])
        #expect(try proxy.client.request("GET", "/").status == 200)
    }

    /// Only this machine, unless told otherwise.
    @Test func thisMachineOnlyByDefault() throws {
        let stage = try Stage()
        #expect(try stage.proxy.waitForLog(event: "listening")["address"] == "127.0.0.1")
    }

    @Test func aPortThatIsTakenIsToldAndEndsInOne() throws {
        let stage = try Stage()
        let second = try ProxyProcess(
            upstream: stage.upstream.baseURL, settings: ["PORT": "\(stage.proxy.port)"], waitsUntilListening: false)
        #expect(second.waitForExit(timeout: 20) == .exited(1))
        #expect(second.process.errors.lines.contains { $0.contains("\(stage.proxy.port)") })
    }
}
