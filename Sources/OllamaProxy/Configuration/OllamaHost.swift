/// Reads an address as Ollama reads `OLLAMA_HOST`: `host`, `host:port`, `:port`, each with or without a scheme, which
/// then decides on the port that is not named.
package enum OllamaHost {
    package static func address(_ text: String) -> Configuration.Address? {
        var text = text[...]
        while let first = text.first, first == "\"" || first == "'" { text.removeFirst() }
        while let last = text.last, last == "\"" || last == "'" { text.removeLast() }
        var port: UInt16 = 11434
        if let (scheme, rest) = String(text).cut(at: "://") {
            switch scheme.lowercased() {
            case "http": port = 80
            case "https": port = 443
            default: return nil
            }
            text = rest
        }
        text = text.prefix { $0 != "/" }
        guard let (host, portText) = split(text) else { return nil }
        if let portText {
            guard let number = UInt16(portText) else { return nil }
            port = number
        }
        guard host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
        return Configuration.Address(host: text.isEmpty ? "127.0.0.1" : host, port: port)
    }

    /// An IPv6 address needs brackets where a port follows, and may have them where none does.
    private static func split(_ text: Substring) -> (host: String, port: Substring?)? {
        if text.first == "[" {
            guard let close = text.firstIndex(of: "]") else { return nil }
            let host = String(text[text.index(after: text.startIndex)..<close])
            let rest = text[text.index(after: close)...]
            if rest.isEmpty { return (host, nil) }
            return rest.first == ":" ? (host, rest.dropFirst()) : nil
        }
        if text.count(where: { $0 == ":" }) > 1 { return (String(text), nil) }
        guard let colon = text.lastIndex(of: ":") else { return (String(text), nil) }
        return (String(text[..<colon]), text[text.index(after: colon)...])
    }
}
