import CLinux
import Glibc
import OllamaProxy

/// Where log lines go: standard error, as long as it is read.
///
/// A pipe that nobody reads is full after some five hundred lines, and writing to it would block the whole server. So a line
/// that cannot be written at once is dropped and counted, and the next one that can be reports the count. The descriptor is not
/// made non-blocking, because it is shared with the process that started this one.
final class LogSink {
    private enum Kind {
        /// Takes whatever comes.
        case file
        /// Has to be asked whether it would block.
        case stream
        /// Can be told not to.
        case socket
    }

    /// As much as a pipe with any room takes in one piece.
    private static let mostAtOnce = Int(PIPE_BUF)

    private let descriptor: Int32
    private let kind: Kind
    /// Lines that were lost since one got through.
    private var lost = 0
    /// Whether the last line was not written to its end.
    private var isCut = false

    init(descriptor: Int32 = 2) {
        self.descriptor = descriptor
        var status = stat()
        let type = fstat(descriptor, &status) == 0 ? status.st_mode & S_IFMT : S_IFREG
        kind = type == S_IFSOCK ? .socket : type == S_IFIFO || type == S_IFCHR ? .stream : .file
    }

    /// Writes one line in one piece, so that lines of several processes do not mix.
    /// - Parameter lossLine: makes the line that tells how many were lost.
    func write(_ line: ByteBuffer, lossLine: (Int) -> ByteBuffer) {
        if lost > 0 {
            guard isWritten(lossLine(lost)) else {
                lost += 1
                return
            }
            lost = 0
        }
        if !isWritten(line) { lost += 1 }
    }

    private func isWritten(_ line: ByteBuffer) -> Bool {
        line.withBytes { bytes in
            switch kind {
            case .file: return Glibc.write(descriptor, bytes.baseAddress, bytes.count) >= 0
            case .socket:
                return send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)) >= 0
            case .stream: return isWrittenInPieces(bytes)
            }
        }
    }

    /// A line that is longer than what a pipe takes at once may be cut: then the next one begins on a line of its own.
    private func isWrittenInPieces(_ bytes: Bytes) -> Bool {
        if isCut {
            guard isWritable, Glibc.write(descriptor, "\n", 1) == 1 else { return false }
            isCut = false
        }
        var start = 0
        while start < bytes.count {
            let piece = bytes.part(start..<min(bytes.count, start + Self.mostAtOnce))
            guard isWritable, Glibc.write(descriptor, piece.baseAddress, piece.count) >= 0 else {
                isCut = start > 0
                return false
            }
            start += piece.count
        }
        return true
    }

    private var isWritable: Bool {
        var question = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return poll(&question, 1, 0) == 1 && question.revents & Int16(POLLOUT) != 0
    }
}
