import OllamaProxy

/// Calls `body` with the text's bytes, which live as long as the call.
func withBytes<Result>(_ text: String, _ body: (Bytes) throws -> Result) rethrows -> Result {
    try withBytes(Array(text.utf8), body)
}

func withBytes<Result>(_ bytes: [UInt8], _ body: (Bytes) throws -> Result) rethrows -> Result {
    try bytes.withUnsafeBufferPointer { try body($0) }
}

extension ByteBuffer {
    /// The bytes that wait to be read, copied.
    var bytes: [UInt8] { withBytes { Array($0) } }
}

/// Calls `piece` with the bytes cut into pieces of `size`.
func forEachPiece(of bytes: [UInt8], size: Int, _ piece: (Bytes) throws -> Void) rethrows {
    for start in stride(from: 0, to: bytes.count, by: size) {
        try withBytes(Array(bytes[start..<min(start + size, bytes.count)]), piece)
    }
}

extension Moment {
    /// Seconds after an arbitrary start.
    static func at(_ seconds: Double) -> Moment {
        Moment(monotonic: Instant(nanoseconds: 0), wall: UnixTime(seconds: 1_790_000_000)) + .seconds(seconds)
    }
}

/// A model as tests need it.
func model(
    _ id: String, context: Int = 1000, price: String = "0", _ change: (inout Model) -> Void = { _ in }
) -> Model {
    var model = Model(id: id)
    model.contextLength = context
    model.prices.prompt = price
    model.prices.completion = price
    change(&model)
    return model
}
