import Glibc

/// A system call that failed: what was attempted and the system's reason.
package struct SystemError: Error, CustomStringConvertible {
    package let description: String
    package let code: Int32

    /// - Parameter advice: what can be done about it.
    init(_ attempt: String, code: Int32 = errno, advice: String? = nil) {
        self.code = code
        description = "\(attempt): \(String(cString: strerror(code)))" + (advice.map { "; \($0)" } ?? "")
    }

    init(_ attempt: String, reason: String) {
        code = 0
        description = "\(attempt): \(reason)"
    }
}

/// A descriptor with one owner, closed when the owner lets go of it.
struct OwnedDescriptor: ~Copyable {
    let rawValue: Int32

    init(_ rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// Gives up the descriptor; the caller closes it.
    consuming func release() -> Int32 {
        let rawValue = rawValue
        discard self
        return rawValue
    }

    deinit {
        close(rawValue)
    }
}
