/// The keys, and how to keep them out of what others read: an upstream may quote its key in an error, a client its own
/// in a model's name.
package struct Secret {
    private let values: [String]

    package init(_ value: String) {
        self.init([value])
    }

    package init(_ values: [String]) {
        self.values = values.filter { !$0.isEmpty }
    }

    /// The text without the secrets.
    package func removed(from text: String) -> String {
        guard values.contains(where: { $0.utf8.count <= text.utf8.count }) else { return text }
        let buffer = ByteBuffer(text)
        let clean = removed(from: buffer)
        return clean === buffer ? text : clean.text
    }

    /// The text without the secrets; the same buffer where it holds none.
    package func removed(from text: ByteBuffer) -> ByteBuffer {
        values.reduce(text) { Self.removed($1, from: $0) }
    }

    /// Compared byte by byte: as characters, a combining mark behind the secret would hide it.
    private static func removed(_ value: String, from text: ByteBuffer) -> ByteBuffer {
        text.withBytes { bytes in
            guard var found = bytes.offset(of: value, from: 0) else { return text }
            let output = ByteBuffer(capacity: bytes.count)
            var start = 0
            while true {
                output.append(bytes.part(start..<found))
                output.append("[key]")
                start = found + value.utf8.count
                guard let next = bytes.offset(of: value, from: start) else { break }
                found = next
            }
            output.append(bytes.part(start..<bytes.count))
            return output
        }
    }
}
