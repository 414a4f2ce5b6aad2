import OllamaProxy

/// Origins, host names and routes: nothing is granted to an origin but itself, and no foreign name reaches a server
/// that listens on the loopback interface.
enum AccessTarget {
    /// Lines: the method, the path, the host, the origin, and an origin that the configuration allows.
    static func run(_ bytes: Bytes) {
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        let line = { (index: Int) in index < lines.count ? lines[index] : "" }
        checkRoute(method: line(0), path: line(1))
        checkOrigin(method: line(0), origin: line(3), host: line(2), allowed: line(4))
        checkHost(line(2))
        _ = OllamaHost.address(line(2))
    }

    private static func checkRoute(method: String, path: String) {
        do throws(Route.Mismatch) {
            let route = try Route.find(method: method, path: path)
            expect(route.methods.contains(method), "\(route) takes \(method)")
        } catch {
            if case .wrongMethod(let allowed) = error {
                expect(!allowed.contains(method), "\(method) is wrong and right")
            }
        }
        _ = Route.errors(ofPath: path)
    }

    private static func checkOrigin(method: String, origin: String, host: String, allowed: String) {
        let decision = OriginPolicy(origins: allowed.isEmpty ? [] : [allowed])
            .decide(method: method, origin: origin, host: host)
        let headers: [OriginPolicy.Header]
        switch decision {
        case .refuse:
            expect(!origin.isEmpty && allowed != "*", "refused, and nobody forbids it")
            return
        case .serve(let given), .preflight(let given): headers = given
        }
        let granted = headers.filter { $0.name == "Access-Control-Allow-Origin" }
        expect(granted.count <= 1, "several origins are granted: \(granted)")
        expect(granted.allSatisfy { $0.value == (allowed == "*" ? "*" : origin) }, "another origin is granted")
        if granted.isEmpty {
            let isOwn = origin.isEmpty || origin == "http://\(host)" || origin == "https://\(host)"
            expect(isOwn, "a foreign origin is served without a word: \(origin)")
        } else if allowed.isEmpty {
            expect(isLocal(origin.lowercased()), "\(origin) is granted")
        }
    }

    private static func isLocal(_ origin: String) -> Bool {
        guard let (scheme, rest) = origin.cut(at: "://") else { return false }
        guard scheme == "http" || scheme == "https" else {
            let known = ["app", "file", "tauri", "vscode-webview", "vscode-file"]
            return known.contains(String(scheme)) || scheme.hasSuffix("-extension")
        }
        return ["localhost", "127.0.0.1", "0.0.0.0"].contains { host in
            rest == host || rest.hasPrefix(host + ":")
        }
    }

    private static func checkHost(_ header: String) {
        let policy = HostPolicy(listensOnLoopback: true, hostName: "Here") {
            ["127.0.0.1": true, "9.9.9.9": false][$0]
        }
        let open = HostPolicy(listensOnLoopback: false, hostName: "Here") { _ in nil }
        expect(open.allows(header), "a server that listens everywhere goes by every name")
        guard policy.allows(header) else { return }
        let name = header.lowercased()
        let isOurs = ["", "localhost", "here", "127.0.0.1"].contains { name == $0 || name.hasPrefix($0 + ":") }
        let isBracketed = name.hasPrefix("[")
        let isSuffixed = [".localhost", ".local", ".internal"].contains { name.includes($0) }
        expect(isOurs || isBracketed || isSuffixed, "it goes by the name \(header)")
    }
}
