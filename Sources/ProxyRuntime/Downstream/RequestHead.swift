import CMicroHTTPD
import Glibc

/// Looks for what a server in front of this one may have read otherwise. libmicrohttpd takes almost anything, and of two
/// readings one could hold a second request, which would then have passed the other server unseen.
///
/// Which lines there were is libmicrohttpd's own to check from 1.0 on (see `cmhd_checks_lines`). 0.9.75 takes nearly any, but
/// hands out pointers into the buffer that a head was received in, with NUL bytes for what stood between its texts. So a
/// line that ends with LF alone, one that was folded, and a NUL byte show in the distances.
struct RequestHead {
    /// Whether the distances tell of the lines: 1.0 cuts the blanks behind a value, which any line may have.
    private static let looksAtDistances = !cmhd_checks_lines()

    /// Why the request is refused; nil for one that all read alike.
    private(set) var fault: StaticString?
    /// Whether the body comes in chunks.
    private(set) var isChunked = false
    /// Whether the client's HTTP knows chunks, as 1.1 does and 1.0 does not.
    private(set) var knowsChunks: Bool

    /// Where the next line must begin, the blank one after the last.
    private var position: UnsafePointer<CChar>
    private var hosts = 0
    private var lengths = 0

    /// To be called while libmicrohttpd tells of the head.
    /// - Parameters:
    ///   - target: what is known from before the request line was taken apart.
    ///   - method: where libmicrohttpd has the request line begin.
    ///   - version: where it has the HTTP version.
    init(
        _ connection: OpaquePointer, target: RequestLineTarget?, method: UnsafePointer<CChar>,
        version: UnsafePointer<CChar>
    ) {
        // Behind HTTP/1.x, or libmicrohttpd would have refused it, and the end of the line.
        position = version + 10
        let isOld = version[7] == CChar(bitPattern: UInt8(ascii: "0"))
        knowsChunks = !isOld
        if let target, !target.isPlain || target.end + 1 != version { fault = "the request line is malformed" }
        MHD_get_connection_values_n(connection, .HEADER_KIND, readHeader, &self)
        guard fault == nil else { return }
        if Self.looksAtDistances, position + 2 != method + cmhd_head_size(connection) { fault = Self.lineFault }
        if isOld ? hosts > 1 : hosts != 1 { fault = "one Host header is required" }
        if lengths > 1 || (lengths == 1 && isChunked) { fault = "the length of the body is given twice" }
        if isChunked, isOld { fault = "HTTP/1.0 has no chunks" }
    }

    private static let lineFault: StaticString = "each header line must end with CR LF and must not be folded"
    private static let lengthFault: StaticString = "the length of the body is malformed"

    fileprivate mutating func read(
        _ name: UnsafePointer<CChar>, _ nameCount: Int, _ value: UnsafePointer<CChar>, _ valueCount: Int
    ) {
        guard fault == nil else { return }
        let afterName = name + nameCount
        if Self.looksAtDistances {
            guard name == position, value > afterName, (afterName + 1..<value).allSatisfy({ Self.isBlank($0.pointee) })
            else { return fault = Self.lineFault }
            position = value + valueCount + 2
        }
        guard nameCount > 0, (name..<afterName).allSatisfy({ Self.isTokenByte(UInt8(bitPattern: $0.pointee)) }),
            (value..<value + valueCount).allSatisfy({ Self.isValueByte(UInt8(bitPattern: $0.pointee)) })
        else { return fault = "a header contains a forbidden character" }
        switch nameCount {
        case 4 where strcasecmp(name, "Host") == 0: hosts += 1
        case 14 where strcasecmp(name, "Content-Length") == 0:
            lengths += 1
            // More digits lie beyond every body, and the last of them beyond what libmicrohttpd counts.
            if valueCount > 18 { fault = Self.lengthFault }
        case 17 where strcasecmp(name, "Transfer-Encoding") == 0:
            if isChunked || strcasecmp(value, "chunked") != 0 { fault = Self.lengthFault }
            isChunked = true
        default: break
        }
    }

    private static func isBlank(_ character: CChar) -> Bool {
        character == CChar(bitPattern: 0x20) || character == CChar(bitPattern: 0x09)
    }

    /// RFC 9110, 5.6.2.
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "!"),
            UInt8(ascii: "#")...UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "."),
            UInt8(ascii: "^"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
            true
        default: false
        }
    }

    private static func isValueByte(_ byte: UInt8) -> Bool {
        byte >= 0x20 ? byte != 0x7F : byte == 0x09
    }
}

/// The target of a request line before libmicrohttpd decodes it, which happens in place.
struct RequestLineTarget {
    /// Where its text ends, with a NUL byte.
    let end: UnsafePointer<CChar>
    /// Whether it holds neither blanks nor control characters, nor its path a NUL byte in disguise, which would cut it
    /// short.
    let isPlain: Bool

    init(_ text: UnsafePointer<CChar>) {
        end = text + strlen(text)
        let hasNUL = strstr(text, "%00").map { nul in strchr(text, Int32(UInt8(ascii: "?"))).map { nul < $0 } ?? true }
        isPlain =
            hasNUL != true && (text..<end).allSatisfy { $0.pointee < 0 || ($0.pointee > 0x20 && $0.pointee < 0x7F) }
    }
}

private func readHeader(
    _ context: UnsafeMutableRawPointer?, _ kind: MHD_ValueKind, _ name: UnsafePointer<CChar>?, _ nameCount: Int,
    _ value: UnsafePointer<CChar>?, _ valueCount: Int
) -> MHD_Result {
    guard let head = context?.assumingMemoryBound(to: RequestHead.self), let name, let value else { return .NO }
    head.pointee.read(name, nameCount, value, valueCount)
    return head.pointee.fault == nil ? .YES : .NO
}
