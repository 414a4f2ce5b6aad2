/// What the texts of variables say.
extension ConfigurationReader {
    func flag(_ text: String) throws(Setting.Refusal) -> Bool {
        switch text.lowercased() {
        case "true", "1", "yes", "on": true
        case "false", "0", "no", "off": false
        default: throw .mustBe("true or false")
        }
    }

    func baseURL(_ text: String) throws(Setting.Refusal) -> String {
        var url = text
        while url.hasSuffix("/") { url.removeLast() }
        let scheme = ["https://", "http://"].first { url.lowercased().hasPrefix($0) }
        let rest = String(url.dropFirst(scheme?.count ?? 0))
        guard scheme != nil, rest.isVisibleASCII, !rest.contains(where: { "@?#\"\\".contains($0) }),
            let first = rest.first, first != "/"
        else {
            throw .mustBe(
                "an http or https URL without user name and query, such as https://openrouter.ai/api/v1",
                instead: text.contains("@") ? "(not shown)" : nil)
        }
        return url
    }

    func certificatesPath(_ path: String) throws(Setting.Refusal) -> String {
        guard fileContent(path)?.includes("-----BEGIN ") == true else {
            throw .mustBe("a readable file with certificates in PEM form")
        }
        return path
    }

    func embeddingModel(_ model: String) throws(Setting.Refusal) -> String {
        let isID = model.contains("/") && model.isVisibleASCII && model.utf8.count <= 200
        guard isID, !configuration.freeMode || OpenRouter.isFree(id: model) else {
            throw .mustBe(
                configuration.freeMode
                    ? "the full id of a free model, ending in :free, or FREE_MODE=false" : "the full id of a model")
        }
        return model
    }

    func aliases(_ value: String) throws(Setting.Refusal) -> ConfiguredAliases {
        let isFile = !value.contains("=")
        guard let text = isFile ? fileContent(value) : value else {
            throw .mustBe("name=model,name=model or a readable file of such lines")
        }
        do {
            return try ConfiguredAliases(text: text)
        } catch {
            // A file that was named by mistake may hold a secret.
            let piece = isFile ? "an entry of \(value)" : "\"\(error.piece)\""
            throw .because("\(piece) \(error.reason)")
        }
    }

    func modelNames(_ text: String) throws(Setting.Refusal) -> [String] {
        let names = text.listed
        guard names.allSatisfy(Self.isModelName) else { throw .mustBe("the names of models, with commas between them") }
        return names
    }

    private static func isModelName(_ name: String) -> Bool {
        name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "-")...UInt8(ascii: ":"), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "@"):
                true
            default: false
            }
        }
    }

    func price(_ text: String) throws(Setting.Refusal) -> Double {
        guard let price = Double(text), price.isFinite, price >= 0 else {
            throw .mustBe("an amount in dollars, such as 0.5")
        }
        return price
    }

    func origins(_ text: String) throws(Setting.Refusal) -> [String] {
        let origins = text.listed
        guard origins.allSatisfy({ ($0 == "*" || $0.includes("://")) && $0.count(where: { $0 == "*" }) <= 1 }) else {
            throw .mustBe("origins such as https://example.com or http://192.168.*, or *, with commas")
        }
        return origins
    }

    func address(_ text: String) throws(Setting.Refusal) -> Configuration.Address {
        guard let address = OllamaHost.address(text) else {
            throw .mustBe("an address as Ollama takes it, such as 0.0.0.0, :8080 or 127.0.0.1:11434")
        }
        return address
    }
}

extension String {
    /// Without spaces and what no header may hold.
    var isVisibleASCII: Bool { utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } }

    /// What it holds with commas in between.
    fileprivate var listed: [String] {
        split(separator: ",").map { String($0).trimmingSpaces }.filter { !$0.isEmpty }
    }
}
