import Glibc
import OllamaProxy

/// Whole files, read and replaced.
package enum Files {
    /// The file's bytes; nil when it cannot be read or is larger than `limit`.
    static func read(_ path: String, limit: Int = 64 << 20) -> ByteBuffer? {
        let opened = open(path, O_RDONLY | O_CLOEXEC)
        guard opened >= 0 else { return nil }
        let descriptor = OwnedDescriptor(opened)
        let content = ByteBuffer()
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor.rawValue, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0, content.count + count <= limit else { return nil }
            if count == 0 { return content }
            piece.withUnsafeBufferPointer { content.append($0.part(0..<count)) }
        }
    }

    /// The text of a small file, for the configuration.
    package static func text(_ path: String) -> String? {
        read(path, limit: 1 << 20)?.text
    }

    /// The room that is left for this user on the disk that holds a path; nil when it cannot be told.
    static func freeMegabytes(_ path: String) -> Int? {
        var statistics = statvfs()
        guard statvfs(path, &statistics) == 0 else { return nil }
        return Int(clamping: UInt64(statistics.f_bavail) * UInt64(statistics.f_frsize) / (1 << 20))
    }

    /// When a file was last written, in whole seconds; nil when there is none.
    static func modified(_ path: String) -> UnixTime? {
        var status = stat()
        return stat(path, &status) == 0 ? UnixTime(seconds: status.st_mtim.tv_sec) : nil
    }

    static func exists(_ path: String) -> Bool {
        access(path, F_OK) == 0
    }

    /// Replaces a file so that everyone who opens it, after a power cut too, sees the old or the new one
    /// and nothing in between.
    static func replace(_ path: String, with content: ByteBuffer) throws {
        let temporary = path + ".new"
        do {
            try write(content, to: temporary)
            guard rename(temporary, path) == 0 else { throw SystemError("cannot replace \(path)") }
        } catch {
            // On a disk that is full, half a file only takes room.
            unlink(temporary)
            throw error
        }
    }

    private static func write(_ content: ByteBuffer, to path: String) throws {
        let opened = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard opened >= 0 else { throw SystemError("cannot write \(path)") }
        let descriptor = OwnedDescriptor(opened)
        try content.withBytes { bytes in
            var written = 0
            while written < bytes.count {
                let count = Glibc.write(descriptor.rawValue, bytes.baseAddress! + written, bytes.count - written)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw SystemError("cannot write \(path)") }
                written += count
            }
        }
        guard fsync(descriptor.rawValue) == 0 else { throw SystemError("cannot write \(path)") }
    }

    /// The folder that a path lies in.
    static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Makes a folder and those above it, for this user only.
    static func makeFolder(_ path: String) throws {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += made.isEmpty || made.hasSuffix("/") ? String(part) : "/" + part
            guard mkdir(made, 0o700) == 0 || errno == EEXIST || errno == EROFS || errno == EISDIR else {
                throw SystemError("cannot make the folder \(made)")
            }
        }
        guard access(path, R_OK | W_OK | X_OK) == 0 else { throw SystemError("cannot write to the folder \(path)") }
    }
}
