import OllamaProxy

/// Names requests: by what a proxy in front of this one calls them, or by the process and the order in which they came.
struct RequestIdentities {
    private static let longest = 64

    private let secret: Secret

    /// Tells this process from those before it.
    private let process = UInt32.random(in: 0 ... .max)
    /// Starts over after sixteen million.
    private var count: UInt32 = 0

    /// - Parameter secret: what no request id may contain.
    init(secret: Secret) {
        self.secret = secret
    }

    /// - Parameter given: the value of the client's own `X-Request-Id`, which goes into log and reply, so that it is
    ///   taken only if it is a name and nothing else.
    mutating func next(given: String?) -> String {
        if let given, !given.isEmpty, given.utf8.count <= Self.longest, given.utf8.allSatisfy(Self.isPlain),
            secret.removed(from: given) == given
        {
            return given
        }
        count &+= 1
        // Fifteen bytes, which a string holds without an allocation.
        return String(unsafeUninitializedCapacity: 15) { [process, count] text in
            Self.write(process, digits: 8, to: text, at: 0)
            text[8] = UInt8(ascii: "-")
            Self.write(count, digits: 6, to: text, at: 9)
            return 15
        }
    }

    private static func write(
        _ value: UInt32, digits: Int, to text: UnsafeMutableBufferPointer<UInt8>, at start: Int
    ) {
        var rest = value
        for index in (start..<start + digits).reversed() {
            let digit = UInt8(rest & 15)
            text[index] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
            rest >>= 4
        }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
