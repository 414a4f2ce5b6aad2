import OllamaProxy
import Testing

struct ClientKeysAndLimitsTests {
    private static func read(
        _ variables: [String: String], files: [String: String] = [:]
    ) -> (configuration: Configuration?, errors: [String]) {
        let environment = ["OPENROUTER_API_KEY": "sk-test"].merging(variables) { $1 }
        do {
            return (try ConfigurationReader.read(environment: environment) { files[$0] }, [])
        } catch {
            return (nil, error.errors.map(\.description))
        }
    }

    @Test func takesKeysFromTheVariableAndTheFile() {
        let keys = Self.read(
            ["PROXY_API_KEYS": " one-key-1 , two-key-2", "PROXY_API_KEYS_FILE": "/keys"],
            files: ["/keys": "# for the kitchen\nthree-key\n\n  four-key \r\n"]
        ).configuration?.clientKeys
        for key in ["one-key-1", "two-key-2", "three-key", "four-key"] {
            #expect(keys?.admits(.init(apiKey: key)) == true)
        }
        #expect(keys?.admits(.init(apiKey: "# for the kitchen")) == false)
    }

    /// Setting one of the variables means that clients are to be asked.
    @Test func neverOpensTheDoorByMistake() {
        #expect(Self.read(["PROXY_API_KEYS_FILE": "/keys"]).errors.count == 1)
        #expect(Self.read(["PROXY_API_KEYS_FILE": "/keys"], files: ["/keys": "\n# none\n"]).errors.count == 1)
        #expect(Self.read(["PROXY_API_KEYS": " , "]).errors.count == 1)
    }

    @Test(arguments: ["secret!", "a secret with spaces", "s\u{E9}cret-secret"])
    func refusesKeysWithoutShowingThem(key: String) {
        let errors = Self.read(["PROXY_API_KEYS": key]).errors
        #expect(errors.count == 1)
        #expect(errors.allSatisfy { !$0.contains(key) })
    }

    @Test func keysAreTakenOutOfLogs() {
        let secret = Self.read(["PROXY_API_KEYS": "one-key-1,two-key-2"]).configuration?.secret
        #expect(secret?.removed(from: "two-key-2 one-key-1 sk-test") == "[key] [key] [key]")
    }

    @Test func readsLimits() {
        let limits = Self.read([
            "MAX_BODY_MEGABYTES": "8", "MAX_HEADER_KILOBYTES": "32", "MAX_CONNECTIONS": "50",
            "MAX_CONNECTIONS_PER_ADDRESS": "0", "HEADER_TIMEOUT_SECONDS": "5", "BODY_TIMEOUT_SECONDS": "6",
            "MAX_CONCURRENT_REQUESTS": "7",
        ]).configuration?.serverLimits
        var expected = ServerLimits()
        expected.body = 8 << 20
        expected.header = 32 << 10
        expected.connections = 50
        expected.connectionsPerAddress = 0
        expected.headerTimeout = .seconds(5)
        expected.bodyTimeout = .seconds(6)
        expected.concurrentRequests = 7
        #expect(limits == expected)
        #expect(Self.read([:]).configuration?.serverLimits == ServerLimits())
    }
}
