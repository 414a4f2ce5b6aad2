import OllamaProxy

/// Cuts bytes into pieces as a network might.
struct Pieces {
    private var state: UInt64

    /// - Parameter pattern: below 32 all pieces have that size; above, sizes vary, and may be zero.
    init(pattern: UInt8) {
        state = UInt64(pattern)
    }

    /// Calls `piece` with each, in memory of its own: reading beyond its end is an error that is seen.
    mutating func forEach(of bytes: Bytes, _ piece: (Bytes) -> Void) {
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + nextSize())
            withCopy(of: bytes.part(start..<end), piece)
            start = end
        }
    }

    private mutating func nextSize() -> Int {
        if (1..<32).contains(state) { return Int(state) }
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 60)
    }
}

/// Lends a copy of the bytes, which is exactly as long as they are.
func withCopy<Result>(of bytes: Bytes, _ body: (Bytes) -> Result) -> Result {
    let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
    defer { copy.deallocate() }
    _ = copy.update(fromContentsOf: bytes)
    return body(Bytes(copy))
}
