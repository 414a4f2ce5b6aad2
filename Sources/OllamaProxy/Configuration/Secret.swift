/// The API key, and how to keep it out of what others read: an upstream may quote it in its errors.
package struct Secret {
    private let value: String

    package init(_ value: String) {
        self.value = value
    }

    /// The text without the secret.
    package func removed(from text: String) -> String {
        removed(from: ByteBuffer(text)).text
    }

    /// The text without the secret; the same buffer where it holds none. Compared byte by byte: as characters, a
    /// combining mark behind the secret would hide it.
    package func removed(from text: ByteBuffer) -> ByteBuffer {
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
