import OllamaProxy

/// Any variables: a configuration within its bounds or errors, neither of which shows the key.
enum ConfigurationTarget {
    /// Lines of `NAME=VALUE`; a byte before the name makes one of the known names of it.
    static func run(_ bytes: Bytes) {
        var input = FuzzInput(bytes)
        let flags = input.byte()
        var environment: [String: String] = [:]
        for line in input.rest.split(separator: 0x0A) {
            let text = String(decoding: line.dropFirst(), as: UTF8.self)
            guard let first = line.first, let (name, value) = text.cut(at: "=") else { continue }
            // A key in a variable that is not for keys is nothing that could be known for one.
            guard !String(value).includes(Examples.key) else { continue }
            let known = Configuration.settings
            environment[first < known.count ? known[Int(first)].name : String(name)] = String(value)
        }
        // The key is where a key belongs, or where someone has put it by mistake.
        switch flags % 4 {
        case 0: environment["OPENROUTER_API_KEY"] = Examples.key + (environment["OPENROUTER_API_KEY"] ?? "")
        case 1: environment["OPENAI_API_KEY"] = Examples.key
        case 2: environment["OPENROUTER_API_KEY_FILE"] = Examples.key
        default: environment["OPENROUTER_BASE_URL"] = "https://\(Examples.key)@upstream.example"
        }
        let keyFile = environment["OPENROUTER_API_KEY_FILE"]
        if environment["MODEL_ALIASES"] == keyFile { environment["MODEL_ALIASES"] = nil }
        check(environment) { flags & 4 != 0 && $0 == keyFile ? Examples.key : nil }
    }

    private static func check(_ environment: [String: String], fileContent: @escaping (String) -> String?) {
        do throws(ConfigurationReader.Failure) {
            let configuration = try ConfigurationReader.read(environment: environment, fileContent: fileContent)
            for warning in configuration.warnings { checkWords(warning) }
            checkBounds(of: configuration)
        } catch {
            expect(!error.errors.isEmpty, "a failure without reasons")
            for error in error.errors { checkWords(error.description) }
        }
    }

    private static func checkWords(_ text: String) {
        expect(!text.isEmpty, "an error without words")
        expect(!text.includes(Examples.key), "the key is shown: \(text)")
    }

    private static func checkBounds(of configuration: Configuration) {
        expect(!configuration.upstream.apiKey.isEmpty, "no key, and no error")
        expect(configuration.upstream.apiKey.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }, "a key that breaks a header")
        expect(configuration.upstream.baseURL.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }, "an address that is none")
        expect(!configuration.upstream.baseURL.hasSuffix("/"), "an address that ends in a slash")
        expect((1...100).contains(configuration.limits.attempts), "\(configuration.limits.attempts) attempts")
        expect(configuration.models.maxPricePerMillion.map { $0.isFinite && $0 >= 0 } ?? true, "a price that is none")
        let selection = configuration.selection(filter: ModelFilter(), aliases: Aliases())
        let catalog = Catalog(Examples.models, selection: selection)
        expect(!configuration.freeMode || catalog.models.allSatisfy(\.isFreeChat), "free mode lists what costs money")
        _ = (configuration.remoteHost, configuration.modelsCachePath, configuration.databasePath)
    }
}
