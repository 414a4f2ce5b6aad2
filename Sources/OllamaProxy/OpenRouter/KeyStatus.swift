/// What `GET /key` says of the account, as far as it matters here.
package struct KeyStatus: Equatable {
    /// Whether no credits were ever bought; nil when it does not say.
    package var isFreeTier: Bool?
    /// What is left of the key's own limit, in dollars; nil when it has none.
    package var limitRemaining: Double?

    /// - Throws: `JSONError` when the text is no JSON object.
    package init(_ body: Bytes) throws(JSONError) {
        var isFreeTier: Bool?
        var limitRemaining: Double?
        var reader = JSONReader(body)
        try reader.forEachField { key, reader throws(JSONError) in
            guard key == "data" else { return try reader.skip() }
            try reader.forEachFieldIfObject { key, reader throws(JSONError) in
                switch key {
                case "is_free_tier": isFreeTier = try reader.boolIfAny()
                case "limit_remaining": limitRemaining = JSONNumber.double(try reader.slice())
                default: try reader.skip()
                }
            }
        }
        try reader.end()
        self.isFreeTier = isFreeTier
        self.limitRemaining = limitRemaining
    }
}
