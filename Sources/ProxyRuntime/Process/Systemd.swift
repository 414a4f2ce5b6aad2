import CLinux
import Glibc
import OllamaProxy

/// systemd's protocols for services: readiness, the watchdog, and a listening socket that systemd passes on. They are a
/// datagram and a few variables (sd_notify(3), sd_listen_fds(3)), so its library is not needed. Without those variables
/// nothing here does anything, and another program that speaks the same protocols is served as well.
final class Systemd: TimerTarget {
    private let loop: EventLoop
    private let path: String?
    /// Between two signs of life; nil when there is no watchdog.
    private let watchdogInterval: Span?
    private var timer: TimerHandle!
    private(set) var deadline: Instant?

    init(loop: EventLoop) {
        self.loop = loop
        path = Self.variable("NOTIFY_SOCKET")
        watchdogInterval = Self.watchdogInterval
        timer = loop.timers.register(self)
    }

    /// Clients are served from now on.
    func ready(_ status: String) {
        send("READY=1\nSTATUS=\(status)")
        scheduleSignOfLife()
    }

    func stopping() {
        send("STOPPING=1\nSTATUS=finishing answers in progress")
    }

    /// The loop goes round: that it gets here is what the watchdog wants to know.
    func deadlineReached() {
        send("WATCHDOG=1")
        scheduleSignOfLife()
    }

    private func scheduleSignOfLife() {
        deadline = watchdogInterval.map { loop.now.monotonic + $0 }
        loop.timers.update(timer, deadline: deadline)
    }

    /// Half of what is allowed, as sd_watchdog_enabled(3) advises.
    private static var watchdogInterval: Span? {
        guard let microseconds = variable("WATCHDOG_USEC").flatMap({ Int($0) }), microseconds > 0 else { return nil }
        if let process = variable("WATCHDOG_PID"), process != String(getpid()) { return nil }
        return .nanoseconds(1000) * (microseconds / 2)
    }

    private func send(_ text: String) {
        guard let path else { return }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let name = Array(path.utf8)
        guard name.count < MemoryLayout.size(ofValue: address.sun_path), name.first != nil else { return }
        withUnsafeMutableBytes(of: &address.sun_path) { space in
            space.copyBytes(from: name)
            // A name that is in no file system begins with a zero, written as an at sign.
            if name[0] == UInt8(ascii: "@") { space[0] = 0 }
        }
        let length = socklen_t(MemoryLayout<sockaddr_un>.offset(of: \.sun_path)! + name.count)
        let type = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let opened = socket(AF_UNIX, type, 0)
        guard opened >= 0 else { return }
        let descriptor = OwnedDescriptor(opened)
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = text.withCString {
                    sendto(descriptor.rawValue, $0, strlen($0), Int32(MSG_NOSIGNAL), address, length)
                }
            }
        }
    }

    // MARK: Socket activation

    /// The first descriptor that systemd passes on, by sd_listen_fds(3).
    private static let firstDescriptor: Int32 = 3

    /// The descriptor of a listening socket, if this process was given one.
    static func inheritedSocket() throws(SystemError) -> Int32? {
        guard variable("LISTEN_PID") == String(getpid()), let count = variable("LISTEN_FDS").flatMap({ Int($0) }),
            count > 0
        else { return nil }
        guard count == 1 else {
            throw SystemError("LISTEN_FDS=\(count)", reason: "only one listening socket can be used")
        }
        var isListening: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        guard getsockopt(firstDescriptor, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &length) == 0, isListening == 1
        else {
            throw SystemError("LISTEN_FDS=1", reason: "descriptor 3 is no listening socket")
        }
        return firstDescriptor
    }

    private static func variable(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
