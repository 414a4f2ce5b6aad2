import OllamaProxy
import Testing

struct ConfigurationTests {
    private static func read(
        _ environment: [String: String], files: [String: String] = [:]
    ) -> (configuration: Configuration?, errors: [String]) {
        let environment = ["OPENROUTER_API_KEY": "sk-test"].merging(environment) { $1 }
        do throws(ConfigurationReader.Failure) {
            return (try ConfigurationReader.read(environment: environment) { files[$0] }, [])
        } catch {
            return (nil, error.errors.map(\.description))
        }
    }

    @Test func hasTheDocumentedDefaults() throws {
        let configuration = try #require(Self.read(["HOME": "/home/x"]).configuration)
        #expect(configuration.upstream.baseURL == "https://openrouter.ai/api/v1")
        #expect(configuration.remoteHost == "https://openrouter.ai")
        #expect(configuration.freeMode)
        #expect(!configuration.models.toolUseOnly)
        #expect(configuration.address == .init(host: "127.0.0.1", port: 11434))
        #expect(configuration.dataDirectory == "/home/x/.local/state/ollama-proxy")
        #expect(configuration.models.filterPaths == ["models-filter/filter", "/models-filter/filter"])
        #expect(configuration.limits == .init(attempts: 5, firstToken: .seconds(30), idle: .seconds(120)))
        #expect(configuration.ledgers.failures == .init(cooldown: .seconds(300), rateLimitCooldown: .seconds(60)))
        #expect(configuration.shutdownGrace == .seconds(10))
        #expect(configuration.warnings.isEmpty)
    }

    @Test(
        arguments: [
            ("PORT", "http", "PORT=http: must be a whole number from 0 to 65535"),
            ("PORT", "65536", "PORT=65536: must be a whole number from 0 to 65535"),
            ("FREE_MODE", "maybe", "FREE_MODE=maybe: must be true or false"),
            ("LOG_LEVEL", "loud", "LOG_LEVEL=loud: must be one of debug, info, warn, error"),
            ("MODEL_NAMES", "tiny", "MODEL_NAMES=tiny: must be one of full, short"),
            ("MAX_ATTEMPTS", "0", "MAX_ATTEMPTS=0: must be a whole number from 1 to 100"),
            (
                "FIRST_TOKEN_TIMEOUT_SECONDS", "-1",
                "FIRST_TOKEN_TIMEOUT_SECONDS=-1: must be a whole number from 1 to 3600"
            ),
            ("OPENROUTER_API_KEY_FILE", "/nowhere", nil),
            (
                "OPENROUTER_API_KEY", "with space",
                "OPENROUTER_API_KEY: the key must be visible ASCII characters without spaces"
            ),
        ] as [(String, String, String?)])
    func namesTheVariableTheValueAndWhatIsAllowed(variable: String, value: String, message: String?) {
        #expect(Self.read([variable: value]).errors == (message.map { [$0] } ?? []))
    }

    @Test(arguments: ["ftp://x", "openrouter.ai/api", "https://", "https:///x", "https://user:secret@x/", "http://a b"])
    func refusesBaseURLs(url: String) {
        let errors = Self.read(["OPENROUTER_BASE_URL": url]).errors
        #expect(errors.count == 1)
        #expect(!errors[0].contains("secret"))
    }

    @Test func reportsAllThatIsWrongAtOnce() {
        #expect(Self.read(["PORT": "x", "FREE_MODE": "y", "OPENROUTER_API_KEY": ""]).errors.count == 3)
    }

    @Test func takesTheKeyFromAFileOrUnderItsOtherName() {
        let fromFile = Self.read(
            ["OPENROUTER_API_KEY": "", "OPENROUTER_API_KEY_FILE": "/k"], files: ["/k": "sk-file\n"])
        #expect(fromFile.configuration?.upstream.apiKey == "sk-file")
        let other = Self.read(["OPENROUTER_API_KEY": "", "OPENAI_API_KEY": "sk-other"])
        #expect(other.configuration?.upstream.apiKey == "sk-other")
        #expect(other.configuration?.warnings.count == 1)
        #expect(Self.read(["OPENROUTER_API_KEY": ""]).errors.first?.contains("OPENROUTER_API_KEY is not set") == true)
    }

    @Test func warnsWhenTheKeyWouldTravelUnencrypted() {
        #expect(Self.read(["OPENROUTER_BASE_URL": "http://example.org/v1/"]).configuration?.warnings.count == 1)
        let local = Self.read(["OPENROUTER_BASE_URL": "http://127.0.0.1:8080/api/v1/"]).configuration
        #expect(local?.warnings.isEmpty == true)
        #expect(local?.upstream.baseURL == "http://127.0.0.1:8080/api/v1")
        #expect(local?.remoteHost == "http://127.0.0.1:8080")
    }

    @Test(
        arguments: [
            ("0.0.0.0", "0.0.0.0", 11434), (":8080", "", 8080), ("example.com:56789", "example.com", 56789),
            ("http://1.2.3.4", "1.2.3.4", 80), ("https://1.2.3.4", "1.2.3.4", 443), ("[::1]:1337", "::1", 1337),
            ("[::1]", "::1", 11434), ("::1", "::1", 11434), ("\"127.0.0.1:99\"", "127.0.0.1", 99),
            ("http://localhost:8080/path", "localhost", 8080),
        ])
    func readsTheAddressAsOllamaDoes(text: String, host: String, port: UInt16) {
        #expect(OllamaHost.address(text) == .init(host: host, port: port))
    }

    @Test(arguments: ["1.2.3.4:x", "1.2.3.4:70000", "ftp://x", "[::1", "[::1]x", "a b"])
    func refusesAddresses(text: String) {
        #expect(OllamaHost.address(text) == nil)
    }

    @Test func thePortVariableWins() {
        let configuration = Self.read(["OLLAMA_HOST": "0.0.0.0:1", "PORT": "2"]).configuration
        #expect(configuration?.address == .init(host: "0.0.0.0", port: 2))
    }

    @Test func everyVariableIsRead() {
        // A name that is documented and not read, or the reverse, shows in that a wrong value goes unnoticed.
        let unchecked: Set = [
            "OPENROUTER_API_KEY", "OPENROUTER_API_KEY_FILE", "OPENAI_API_KEY", "MODEL_FILTER_PATH", "DATA_DIR",
        ]
        for setting in Configuration.settings where !unchecked.contains(setting.name) {
            #expect(Self.read([setting.name: "[wrong"]).errors.count == 1, "\(setting.name)")
        }
    }

    @Test func setToItsDefaultAVariableChangesNothing() {
        let untouched = Self.read([:]).configuration
        let settings = Configuration.settings.filter { $0.standard != "none" && !$0.standard.contains(" ") }
        for setting in settings where setting.name != "OPENROUTER_API_KEY" {
            #expect(Self.read([setting.name: setting.standard]).configuration == untouched, "\(setting.name)")
        }
        #expect(settings.count > 30)
    }

    @Test func aRangeInWordsIsTheRange() throws {
        var count = 0
        for setting in Configuration.settings {
            guard let range = setting.meaning.firstMatch(of: /\b([0-9]+) to ([0-9]+)\b/) else { continue }
            let (lowest, highest) = (try #require(Int(range.1)), try #require(Int(range.2)))
            for value in [lowest, highest] { #expect(Self.read([setting.name: "\(value)"]).errors == []) }
            for value in [lowest - 1, highest + 1] {
                let allowed = "must be a whole number from \(lowest) to \(highest)"
                #expect(Self.read([setting.name: "\(value)"]).errors == ["\(setting.name)=\(value): \(allowed)"])
            }
            count += 1
        }
        #expect(count > 15)
    }

    @Test(arguments: ["MODEL_ORDER", "MODEL_NAMES", "LOG_LEVEL", "LOG_FORMAT"])
    func everyChoiceIsNamed(variable: String) throws {
        let meaning = try #require(Configuration.settings.first { $0.name == variable }).meaning.lowercased()
        let error = try #require(Self.read([variable: "?"]).errors.first)
        let words = try #require(error.split(separator: " one of ").last).split(separator: ", ")
        #expect(words.count > 1)
        for word in words { #expect(meaning.contains(word), "\(word)") }
    }

    @Test func noVariableIsDeclaredTwice() {
        let names = Configuration.settings.map(\.name)
        #expect(Set(names).count == names.count)
    }
}
