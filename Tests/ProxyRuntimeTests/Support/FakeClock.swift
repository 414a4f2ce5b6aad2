import Foundation
import TestSupport

/// A wall clock of one process's own, which can be put forwards and backwards; the monotonic clock stays the system's.
///
/// libfaketime is between the process and the C library, and reads a file for each look at the clock.
final class FakeClock {
    private static let library = {
        let folders = ["x86_64-linux-gnu", "aarch64-linux-gnu", "arm-linux-gnueabihf"].map { "/usr/lib/\($0)" }
        return (folders + ["/usr/lib"]).map { "\($0)/faketime/libfaketime.so.1" }
            .first { FileManager.default.fileExists(atPath: $0) }
    }()

    /// Both libfaketime and the address sanitizer want to be loaded first.
    static var isAvailable: Bool { library != nil && !AddressSanitizer.isOn }
    static let unavailable =
        AddressSanitizer.isOn
        ? "libfaketime does not work beside the address sanitizer"
        : "libfaketime is not installed (Debian's package faketime)"

    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try jump(to: 0)
    }

    /// The environment that a process lives by this clock in.
    var settings: [String: String] {
        [
            "LD_PRELOAD": Self.library ?? "", "FAKETIME_TIMESTAMP_FILE": folder.file("offset").path,
            "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_RESET": "1", "DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        ]
    }

    /// So many seconds before or behind the true time, at once.
    func jump(to seconds: Int) throws {
        // Replaced as a whole: the process may be reading.
        try Data("\(seconds < 0 ? "" : "+")\(seconds)".utf8).write(to: folder.file("offset"), options: .atomic)
    }

    /// The same, and waits until that server lives by it: libfaketime looks at its file when it likes.
    func jump(to seconds: Int, seenBy server: ProxyProcess) throws {
        try jump(to: seconds)
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(identifier: "GMT")
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
        let patience = Date() + 20
        while Date() < patience {
            let text = try server.client.request("GET", "/api/version").headers["Date"] ?? ""
            let expected = Date() + TimeInterval(seconds)
            if let date = format.date(from: text), abs(date.timeIntervalSince(expected)) < 600 { return }
        }
        throw SupportError("the server's clock never jumped to \(seconds) s from the true time")
    }

    static let hour = 3600
    static let day = 86_400
}
