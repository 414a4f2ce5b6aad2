/// What `GET /key` says of the account, as far as it matters here.
package struct KeyStatus: Equatable {
    /// Whether no credits were ever bought; nil when it does not say.
    package var isFreeTier: Bool?
    /// Dollars that the key may still spend; nil when it has no limit of its own.
    package var limitRemaining: Double?

    /// - Throws: `JSONError` when the text is no JSON object.
    package init(_ body: Bytes) throws(JSONError) {
        var status = (isFreeTier: Bool?.none, limitRemaining: Double?.none)
        var reader = JSONReader(body)
        try reader.forEachField { key, reader throws(JSONError) in
            guard key == "data" else { return try reader.skip() }
            try reader.forEachFieldIfObject { key, reader throws(JSONError) in
                switch key {
                case "is_free_tier": status.isFreeTier = try reader.boolIfAny()
                case "limit_remaining" where try reader.kind() == .number:
                    status.limitRemaining = JSONNumber.double(try reader.number())
                default: try reader.skip()
                }
            }
        }
        try reader.end()
        (isFreeTier, limitRemaining) = status
    }
}
