/// What a request line names: a path, and the key that may stand before it.
package struct RequestTarget: Equatable {
    /// Never holds a key: it is logged.
    package let path: String
    package let key: String?

    /// - Parameter text: the request line's target without its query.
    package init(_ text: String) {
        var path = text
        // Clients that take us for a proxy name the whole URL.
        if path.hasPrefix("http://"), let (_, rest) = String(path.dropFirst(7)).cut(at: "/") { path = "/" + rest }
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
