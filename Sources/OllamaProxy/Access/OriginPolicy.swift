/// Which web pages may use the server, by the `Origin` their browser names. The same origins, and the same answers, as
/// Ollama's (its server/routes.go and the CORS middleware it uses).
package struct OriginPolicy: Equatable {
    /// What is to become of a request.
    package enum Decision: Equatable {
        /// It is served, with these headers added.
        case serve([Header])
        /// It only asked what is allowed: an empty reply with these headers.
        case preflight([Header])
        case refuse
    }

    package struct Header: Equatable {
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    private let patterns: [String]
    private let allowsAll: Bool

    /// Pages on this machine, apps that are pages inside, and browsers' extensions.
    private static let standard: [String] =
        ["localhost", "127.0.0.1", "0.0.0.0"].flatMap { host in
            ["http://\(host)", "https://\(host)", "http://\(host):*", "https://\(host):*"]
        } + [
            "app://*", "file://*", "tauri://*", "vscode-webview://*", "vscode-file://*", "chrome-extension://*",
            "safari-extension://*", "moz-extension://*", "ms-browser-extension://*",
        ]

    /// - Parameter origins: further origins, as `OLLAMA_ORIGINS` lists them; `*` in one stands for anything.
    package init(origins: [String]) {
        patterns = origins.map { $0.lowercased() } + Self.standard
        allowsAll = origins.contains("*")
    }

    private static let methods = "GET,POST,PUT,PATCH,DELETE,HEAD,OPTIONS"
    private static let headers = [
        "Authorization", "Content-Type", "User-Agent", "Accept", "X-Requested-With", "Openai-Beta",
        "X-Stainless-Arch", "X-Stainless-Async", "X-Stainless-Custom-Poll-Interval", "X-Stainless-Helper-Method",
        "X-Stainless-Lang", "X-Stainless-Os", "X-Stainless-Package-Version", "X-Stainless-Poll-Helper",
        "X-Stainless-Retry-Count", "X-Stainless-Runtime", "X-Stainless-Runtime-Version", "X-Stainless-Timeout",
    ].joined(separator: ",")

    /// - Parameters:
    ///   - origin: the header's value; nil for requests that no page makes.
    ///   - host: the `Host` header's value.
    package func decide(method: String, origin: String?, host: String) -> Decision {
        guard let origin, !Self.isOwn(origin, host: host) else { return .serve([]) }
        guard allowsAll || allows(origin.lowercased()) else { return .refuse }
        let granted = Header("Access-Control-Allow-Origin", allowsAll ? "*" : origin)
        guard method == "OPTIONS" else { return .serve(allowsAll ? [granted] : [granted, Header("Vary", "Origin")]) }
        var headers = [
            granted, Header("Access-Control-Allow-Methods", Self.methods),
            Header("Access-Control-Allow-Headers", Self.headers), Header("Access-Control-Max-Age", "43200"),
        ]
        if !allowsAll {
            headers.append(Header("Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"))
        }
        return .preflight(headers)
    }

    /// Whether no page of another origin is behind a request.
    /// - Parameters:
    ///   - origin: the header's value; nil for requests that no page makes, or that a page makes of its own server.
    ///   - host: the `Host` header's value.
    package static func isOwn(_ origin: String?, host: String) -> Bool {
        guard let origin, !origin.isEmpty else { return true }
        return origin == "http://\(host)" || origin == "https://\(host)"
    }

    private func allows(_ origin: String) -> Bool {
        patterns.contains { pattern in
            guard let (before, after) = pattern.cut(at: "*") else { return pattern == origin }
            return origin.count >= before.count + after.count && origin.hasPrefix(String(before))
                && origin.hasSuffix(String(after))
        }
    }
}
