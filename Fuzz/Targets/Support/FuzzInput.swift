import OllamaProxy

/// The fuzzer's bytes, of which the first few decide on how the rest is used.
struct FuzzInput {
    private(set) var rest: Bytes

    init(_ bytes: Bytes) {
        rest = bytes
    }

    /// The next byte; 0 when there is none.
    mutating func byte() -> UInt8 {
        guard let first = rest.first else { return 0 }
        rest = rest.part(1..<rest.count)
        return first
    }

    mutating func choice<Value>(of values: [Value]) -> Value {
        values[Int(byte()) % values.count]
    }

    /// At most so many of the next bytes.
    mutating func bytes(atMost count: Int) -> Bytes {
        let count = min(count, rest.count)
        defer { rest = rest.part(count..<rest.count) }
        return rest.part(0..<count)
    }
}
