/// Ollama's images are bare base64; upstream they are data URLs, which name the format. It shows in the first bytes.
package enum ImageDataURL {
    /// The image as a data URL in JSON, quotes included.
    /// - Throws: `RequestError` when it is none of the formats that models read.
    package static func write(_ image: JSONText, to writer: inout JSONWriter) throws(RequestError) {
        if image.escaped.starts(with: "data:image/") { return writer.text(image) }
        // Some senders escape each slash.
        if image.escaped.starts(with: "data:image\\/") { return writer.string(image.string) }
        let base64 = plainBase64(image)
        let isBase64 = base64.withBytes { $0.allSatisfy { Base64.value(of: $0) != nil || $0 == UInt8(ascii: "=") } }
        guard isBase64, let type = base64.withBytes({ mediaType(ofBase64: $0) }) else {
            throw .badRequest(
                "unsupported image: images must be base64 of PNG, JPEG, WebP or GIF files, or data URLs of such")
        }
        writer.string(builder: { output in
            output.append("data:")
            output.append(type)
            output.append(";base64,")
            output.append(base64)
        })
    }

    /// Some senders escape each slash, and some break the lines.
    private static func plainBase64(_ image: JSONText) -> ByteBuffer {
        guard image.hasEscapes else { return ByteBuffer(copying: image.escaped) }
        let decoded = ByteBuffer(capacity: image.escaped.count)
        image.decode(into: decoded)
        let plain = ByteBuffer(capacity: decoded.count)
        decoded.withBytes { bytes in
            for byte in bytes where !byte.isJSONWhitespace { plain.append(byte) }
        }
        return plain
    }

    private static func mediaType(ofBase64 base64: Bytes) -> StaticString? {
        // Twelve bytes tell.
        let start = Base64.bytes(base64.prefix(16))
        if start.starts(with: [0x89, 0x50, 0x4E, 0x47]) { return "image/png" }
        if start.starts(with: [0xFF, 0xD8, 0xFF]) { return "image/jpeg" }
        if start.starts(with: Array("GIF8".utf8)) { return "image/gif" }
        if start.starts(with: Array("RIFF".utf8)), start.dropFirst(8).starts(with: Array("WEBP".utf8)) {
            return "image/webp"
        }
        return nil
    }
}
