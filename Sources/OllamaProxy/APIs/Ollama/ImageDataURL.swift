/// Ollama's images are bare base64; upstream they are data URLs, which name the format. It shows in the first bytes.
package enum ImageDataURL {
    /// So much of an image is looked at. What is wrong further on the model's provider will say.
    private static let lookedAt = 16 << 10

    /// The image as a data URL in JSON, quotes included.
    /// - Throws: `RequestError` when it is none of the formats that models read.
    package static func write(_ image: JSONText, to writer: inout JSONWriter) throws(RequestError) {
        if image.escaped.starts(with: "data:image/") || image.escaped.starts(with: "data:image\\/") {
            return writer.text(image)
        }
        guard let type = mediaType(of: image) else { throw unsupported }
        var isBase64 = true
        writer.string(builder: { output in
            output.append("data:")
            output.append(type)
            output.append(";base64,")
            isBase64 = appendWithoutEscapes(image, to: output)
        })
        guard isBase64 else { throw unsupported }
    }

    private static var unsupported: RequestError {
        .badRequest("unsupported image: images must be base64 of PNG, JPEG, WebP or GIF files, or data URLs of such")
    }

    private static func mediaType(of image: JSONText) -> StaticString? {
        let text = image.escaped
        let start = ByteBuffer(capacity: lookedAt)
        let cut = JSONText(escaped: text.part(0..<min(text.count, lookedAt)), hasEscapes: image.hasEscapes)
        guard appendWithoutEscapes(cut, to: start) else { return nil }
        return start.withBytes { start in
            let isBase64 = start.allSatisfy { Base64.value(of: $0) != nil || $0 == UInt8(ascii: "=") }
            return isBase64 ? mediaType(ofBase64: start) : nil
        }
    }

    /// Some senders escape each slash, and some break the lines.
    /// - Returns: false where escapes stand so close together that it is neither.
    private static func appendWithoutEscapes(_ image: JSONText, to output: ByteBuffer) -> Bool {
        let text = image.escaped
        guard image.hasEscapes else {
            output.append(text)
            return true
        }
        var (start, escapes) = (0, 0)
        while start < text.count {
            let end = WordScan.endOfPlainString(in: text, from: start)
            output.append(text.part(start..<end))
            guard end + 1 < text.count else { return end == text.count || text[end] == UInt8(ascii: "\\") }
            escapes += 1
            guard text[end] == UInt8(ascii: "\\"), escapes <= 64 + end / 16 else { return false }
            switch text[end + 1] {
            case UInt8(ascii: "/"): output.append(UInt8(ascii: "/"))
            case UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"): break
            default: return false
            }
            start = end + 2
        }
        return true
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
