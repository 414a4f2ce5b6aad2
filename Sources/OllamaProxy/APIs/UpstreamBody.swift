/// The body of one attempt's request.
///
/// A small one is one buffer, which libcurl sends together with the head. A large one is pieces of buffers that others hold as
/// well: a prompt of many megabytes lies in memory once, however many attempts send it.
package final class UpstreamBody {
    /// From so many bytes on a body is in pieces. libcurl sends smaller ones with the head of the request, and larger ones
    /// through a buffer of its own in any case.
    package static let leastInPieces = 64 << 10

    private struct Piece {
        let buffer: ByteBuffer
        let range: Range<Int>
    }

    /// Bytes in all.
    package let count: Int
    /// The whole of it; nil where it is in pieces.
    package let whole: ByteBuffer?
    private let pieces: [Piece]
    /// Where the next byte to be read is: in which piece, and how far behind the piece's beginning.
    private var next = (piece: 0, offset: 0)

    /// - Parameter whole: not to change while the body is in use.
    package init(_ whole: ByteBuffer) {
        self.whole = whole
        count = whole.count
        pieces = []
    }

    private init(_ pieces: [Piece]) {
        whole = nil
        self.pieces = pieces
        count = pieces.reduce(0) { $0 + $1.range.count }
    }

    /// Copies the next bytes.
    /// - Returns: how many; 0 at the end. Always 0 for a body that is whole.
    package func read(into target: UnsafeMutableRawBufferPointer) -> Int {
        var written = 0
        while written < target.count, next.piece < pieces.count {
            let piece = pieces[next.piece]
            let start = piece.range.lowerBound + next.offset
            let length = min(target.count - written, piece.range.upperBound - start)
            piece.buffer.withBytes { bytes in
                UnsafeMutableRawBufferPointer(rebasing: target[written...])
                    .copyMemory(from: UnsafeRawBufferPointer(bytes.part(start..<start + length)))
            }
            written += length
            next.offset += length
            if next.offset == piece.range.count { next = (next.piece + 1, 0) }
        }
        return written
    }

    /// Has the next `read` begin so many bytes behind the beginning: libcurl sends a body again on another connection where a
    /// kept one turns out to be closed.
    /// - Returns: false where there are not as many.
    package func seek(to offset: Int) -> Bool {
        guard offset >= 0, offset <= count else { return false }
        next = (0, offset)
        while next.piece < pieces.count, next.offset >= pieces[next.piece].range.count {
            next.offset -= pieces[next.piece].range.count
            next.piece += 1
        }
        return true
    }

    /// All of it in one buffer: for those that do not send it.
    package func joined() -> ByteBuffer {
        if let whole { return whole }
        let joined = ByteBuffer(capacity: count)
        for piece in pieces { piece.buffer.withBytes { joined.append($0.part(piece.range)) } }
        return joined
    }
}

extension UpstreamBody {
    /// Puts a body together out of parts of a buffer and of what is written between them.
    struct Composer {
        /// What all is copied to; nil where the body is in pieces.
        private let whole: ByteBuffer?
        private var pieces: [Piece] = []

        /// - Parameters:
        ///   - expected: about how many bytes the body will have.
        ///   - reserve: bytes that may come on top of that.
        init(expecting expected: Int, reserve: Int) {
            whole = expected < UpstreamBody.leastInPieces ? ByteBuffer(capacity: expected + reserve) : nil
        }

        /// Adds a part of a buffer that does not change while the body is in use.
        mutating func add(_ buffer: ByteBuffer, _ range: Range<Int>) {
            guard !range.isEmpty else { return }
            if let whole {
                buffer.withBytes { whole.append($0.part(range)) }
            } else {
                pieces.append(Piece(buffer: buffer, range: range))
            }
        }

        /// Adds what the closure appends.
        mutating func add(_ write: (ByteBuffer) -> Void) {
            if let whole { return write(whole) }
            let written = ByteBuffer()
            write(written)
            add(written, 0..<written.count)
        }

        func body() -> UpstreamBody {
            whole.map { UpstreamBody($0) } ?? UpstreamBody(pieces)
        }
    }
}
