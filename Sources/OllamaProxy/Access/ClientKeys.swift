/// The keys that clients have to show, if any are set.
package struct ClientKeys: Equatable {
    /// Shorter ones are refused as too easy to guess.
    package static let shortest = 8

    private let keys: [[UInt8]]

    package init(_ keys: [String] = []) {
        self.keys = keys.map { Array($0.utf8) }
    }

    /// Nobody is asked for a key.
    package var isEmpty: Bool { keys.isEmpty }

    /// The first of them, for a command that asks the server of its own configuration.
    package var first: String? { keys.first.map { String(decoding: $0, as: UTF8.self) } }

    /// What must not appear in a log.
    package var secrets: [String] { keys.map { String(decoding: $0, as: UTF8.self) } }

    /// Where a client can put its key.
    package struct Offer {
        /// The values of the headers `Authorization` and `x-api-key`.
        package var authorization: String?
        package var apiKey: String?
        /// The key in a path, for apps that have no field for a header.
        package var pathKey: String?
        /// Whether a password counts: a browser adds one that it knows to what any page asks for.
        package var passwordCounts: Bool

        package init(
            authorization: String? = nil, apiKey: String? = nil, pathKey: String? = nil, passwordCounts: Bool = true
        ) {
            self.authorization = authorization
            self.passwordCounts = passwordCounts
            self.apiKey = apiKey
            self.pathKey = pathKey
        }

        fileprivate var texts: [String] {
            [authorization.flatMap(key), apiKey, pathKey].compactMap { $0 }
        }

        private func key(in authorization: String) -> String? {
            guard let (scheme, rest) = authorization.trimmingSpaces.cut(at: " ") else { return nil }
            let token = String(rest).trimmingSpaces
            switch scheme.lowercased() {
            case "bearer": return token
            // A browser asks for a name as well, which may be anything: RFC 7617.
            case "basic" where passwordCounts: return Base64.text(token)?.cut(at: ":").map { String($0.after) }
            default: return nil
            }
        }
    }

    /// Whether one of the keys is among what the client offers. Apps send made-up keys in a header when they have none,
    /// so any of the places will do.
    package func admits(_ offer: Offer) -> Bool {
        guard !isEmpty else { return true }
        var found: UInt8 = 0
        for text in offer.texts {
            let offered = Array(text.utf8)
            // Neither the place of the first difference nor the key that is met shows in the time this takes.
            for key in keys { found |= Self.equality(of: key, offered) }
        }
        return found == 1
    }

    /// 1 for equal texts, 0 for others, in a time that depends on the length of what was offered alone.
    private static func equality(of key: [UInt8], _ offered: [UInt8]) -> UInt8 {
        var difference = UInt64(UInt(bitPattern: key.count ^ offered.count))
        for index in offered.indices { difference |= UInt64(offered[index] ^ key[index % key.count]) }
        return UInt8(truncatingIfNeeded: 1 ^ ((difference | (0 &- difference)) >> 63))
    }
}
