/// Reads the configuration from the environment and checks every value.
package struct ConfigurationReader {
    let environment: [String: String]
    /// Whether a missing key is an error.
    private let needsKey: Bool
    /// The content of a file, nil when it cannot be read: the domain opens none itself.
    let fileContent: (String) -> String?
    var configuration = Configuration()
    var errors: [ConfigurationError] = []

    /// All that is wrong, so that it can be put right in one go.
    package struct Failure: Error {
        package let errors: [ConfigurationError]
    }

    private init(environment: [String: String], needsKey: Bool, fileContent: @escaping (String) -> String?) {
        // A variable that is set to nothing is not set: that is how compose files write an option left out.
        self.environment = environment.mapValues(\.trimmingSpaces).filter { !$0.value.isEmpty }
        self.needsKey = needsKey
        self.fileContent = fileContent
    }

    /// - Parameter needsKey: whether a missing key is an error. Commands that send nothing do without.
    package static func read(
        environment: [String: String], needsKey: Bool = true, fileContent: @escaping (String) -> String?
    ) throws(Failure) -> Configuration {
        var reader = ConfigurationReader(environment: environment, needsKey: needsKey, fileContent: fileContent)
        for setting in Configuration.settings { setting.read(&reader) }
        reader.warn()
        guard reader.errors.isEmpty else { throw Failure(errors: reader.errors) }
        return reader.configuration
    }

    // MARK: Settings of several variables

    /// One of three variables has it.
    mutating func readKey() {
        guard needsKey else { return }
        if let key = environment["OPENROUTER_API_KEY"] {
            setKey(key, from: "OPENROUTER_API_KEY")
        } else if let path = environment["OPENROUTER_API_KEY_FILE"] {
            guard let content = fileContent(path)?.trimmingSpaces, !content.isEmpty else {
                // Who puts the key itself there must not find it in a log.
                let shown = path.hasPrefix("/") || path.hasPrefix(".") ? path : "(not shown)"
                let allowed = "a readable file that holds the key, unless OPENROUTER_API_KEY is set"
                return errors.append(ConfigurationError("OPENROUTER_API_KEY_FILE", shown, .mustBe(allowed)))
            }
            setKey(content, from: "the file named by OPENROUTER_API_KEY_FILE")
        } else if let key = environment["OPENAI_API_KEY"] {
            setKey(key, from: "OPENAI_API_KEY")
            configuration.warnings.append(
                "OPENAI_API_KEY is used as the OpenRouter key; set OPENROUTER_API_KEY instead")
        } else {
            errors.append(
                ConfigurationError(
                    "OPENROUTER_API_KEY is not set: make a key at https://openrouter.ai/keys and set this variable "
                        + "to it, or OPENROUTER_API_KEY_FILE to a file that holds it"))
        }
    }

    /// The value is never part of the message: what is wrong with it may be a single space.
    private mutating func setKey(_ key: String, from source: String) {
        configuration.upstream.apiKey = key
        guard !key.isVisibleASCII else { return }
        errors.append(ConfigurationError("\(source): the key must be visible ASCII characters without spaces"))
    }

    /// Those of both variables count. The keys are never part of a message.
    mutating func readClientKeys() {
        let text = environment["PROXY_API_KEYS"]
        var keys = text?.split(separator: ",").map(String.init) ?? []
        let path = environment["PROXY_API_KEYS_FILE"]
        if let path {
            guard let content = fileContent(path) else {
                let allowed = "a readable file with one key a line"
                return errors.append(ConfigurationError("PROXY_API_KEYS_FILE", path, .mustBe(allowed)))
            }
            keys += content.split(whereSeparator: \.isNewline).map(String.init)
        }
        keys = keys.map(\.trimmingSpaces).filter { !$0.isEmpty && !$0.hasPrefix("#") }
        guard (text == nil && path == nil) || !keys.isEmpty else {
            // Those who set one of them want clients to be asked: an empty file must not open the door.
            return errors.append(ConfigurationError("PROXY_API_KEYS or PROXY_API_KEYS_FILE is set, and holds no key"))
        }
        guard keys.allSatisfy({ $0.isVisibleASCII && $0.utf8.count >= ClientKeys.shortest }) else {
            return errors.append(
                ConfigurationError(
                    "PROXY_API_KEYS: each key must be at least \(ClientKeys.shortest) visible ASCII characters "
                        + "without spaces, such as `openssl rand -hex 16` makes"))
        }
        configuration.clientKeys = ClientKeys(keys)
    }

    mutating func readDataDirectory() {
        if let folder = environment["DATA_DIR"] {
            configuration.dataDirectory = folder
        } else if let state = environment["XDG_STATE_HOME"] {
            configuration.dataDirectory = state + "/ollama-proxy"
        } else if let home = environment["HOME"] {
            configuration.dataDirectory = home + "/.local/state/ollama-proxy"
        }
    }

    // MARK: Warnings

    /// Notes what works but should be changed.
    private mutating func warn() {
        if let host = configuration.upstream.unprotectedHost {
            configuration.warnings.append("OPENROUTER_BASE_URL uses http: the API key travels unencrypted to \(host)")
        }
        guard configuration.freeMode else { return }
        if configuration.limits.hedge > .zero, !configuration.limits.hedgesFree {
            configuration.warnings.append(
                "HEDGE_AFTER_SECONDS means nothing in free mode: set HEDGE_IN_FREE_MODE=true as well, or remove it")
        }
        for name in ["MAX_PRICE_PER_MILLION", "FALLBACK_MODELS"] where environment[name] != nil {
            configuration.warnings.append(
                "\(name) means nothing in free mode: set FREE_MODE=false as well, or remove it")
        }
    }
}
