import Glibc

/// Standard output and standard error, unbuffered: a reader sees every line at once.
enum StandardStream: Int32 {
    case output = 1
    case error = 2

    func write(_ text: String) {
        let bytes = Array(text.utf8)
        var start = 0
        while start < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.write(rawValue, $0.baseAddress! + start, bytes.count - start) }
            guard count > 0 || errno == EINTR else { return }
            start += max(count, 0)
        }
    }
}
