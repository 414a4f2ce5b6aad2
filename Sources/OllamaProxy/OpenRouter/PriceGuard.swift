/// The `provider` field of requests, by which the upstream is told what may be paid and what the client's data is to be
/// protected from.
enum PriceGuard {
    /// What remains of `provider` in free mode: what protects the client's data, and how it is to be served. Which
    /// provider, in which order and at which price is not the client's to say: it would only keep other free models
    /// from being tried, or be meant for paid ones.
    /// - Returns: nil when nothing remains.
    static func freePreferences(in value: Bytes) -> ByteBuffer? {
        let kept: [StaticString] = ["data_collection", "zdr", "require_parameters", "quantizations", "ignore"]
        let fields = ByteBuffer(capacity: 64)
        copyFields(of: value, to: fields) { key in kept.contains { key == $0 } }
        guard !fields.isEmpty else { return nil }
        let output = ByteBuffer("{")
        output.append(fields)
        output.append("}")
        return output
    }

    /// Appends the fields of an object that are kept, without the braces around them. The value was checked when it was
    /// sliced, so nothing is thrown here.
    private static func copyFields(of value: Bytes, to output: ByteBuffer, keeping isKept: (JSONText) -> Bool) {
        var reader = JSONReader(value)
        try? reader.forEachFieldIfObject { key, reader throws(JSONError) in
            let field = try reader.slice()
            guard isKept(key) else { return }
            if !output.isEmpty { output.append(",") }
            output.append("\"")
            output.append(key.escaped)
            output.append("\":")
            output.append(field)
        }
    }

    /// The `provider` field, with a comma behind it, of a request that may only cost so much: the client's own
    /// preferences, and the upstream's own cap, which holds for every provider it may choose.
    static func preferences(_ given: Bytes?, cappedAt limit: Double) -> ByteBuffer {
        let fields = ByteBuffer(capacity: 128)
        if let given { copyFields(of: given, to: fields) { !($0 == "max_price") } }
        if !fields.isEmpty { fields.append(",") }
        appendCap(limit, to: fields)
        let output = ByteBuffer("\"provider\":{")
        output.append(fields)
        output.append("},")
        return output
    }

    /// Appends the upstream's cap on prices, as a field without the braces around it.
    static func appendCap(_ limit: Double, to output: ByteBuffer) {
        output.append("\"max_price\":{\"prompt\":\(limit),\"completion\":\(limit)}")
    }
}
