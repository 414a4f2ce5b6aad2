/// What a request line names: a path, the key that may precede it, and the host of a whole URL.
package struct RequestTarget: Equatable {
    /// Never holds a key: it is logged.
    package let path: String
    package let key: String?
    /// The host that a whole URL names, which counts instead of the one in `Host`; nil for a mere path.
    package let host: String?

    /// - Parameter text: the request line's target without its query.
    package init(_ text: String) {
        var path = text
        // Clients that take us for a proxy name the whole URL.
        var host: String?
        if path.hasPrefix("http://"), let (name, rest) = String(path.dropFirst(7)).cut(at: "/") {
            host = String(name)
            path = "/" + rest
        }
        self.host = host
        guard path.hasPrefix(Self.prefix) else {
            (self.path, key) = (path, nil)
            return
        }
        let rest = path.dropFirst(Self.prefix.count)
        let end = rest.firstIndex(of: "/") ?? rest.endIndex
        self.path = end == rest.endIndex ? "/" : String(rest[end...])
        key = String(rest[..<end])
    }

    private static let prefix = "/key/"
}
