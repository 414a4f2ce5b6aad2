import CLinux
import Glibc

/// The signals that the server answers to, as events of the loop.
final class Signals: DescriptorWatcher {
    private let descriptor: OwnedDescriptor
    var received: (Int32) -> Void = { _ in }

    init(loop: EventLoop) throws {
        // A client that closes its socket must not end the process.
        signal(SIGPIPE, SIG_IGN)
        // Nor does a file that may not grow: writing to it fails, as on a disk that is full.
        signal(SIGXFSZ, SIG_IGN)
        var set = sigset_t()
        sigemptyset(&set)
        for signal in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&set, signal) }
        sigprocmask(SIG_BLOCK, &set, nil)
        let opened = signalfd(-1, &set, Int32(SFD_NONBLOCK) | Int32(SFD_CLOEXEC))
        guard opened >= 0 else { throw SystemError("signalfd") }
        descriptor = OwnedDescriptor(opened)
        _ = try loop.poller.add(opened, events: EPOLLIN.rawValue, self)
    }

    func descriptorReady(_ events: UInt32) {
        var information = signalfd_siginfo()
        while read(descriptor.rawValue, &information, MemoryLayout<signalfd_siginfo>.size) > 0 {
            received(Int32(information.ssi_signo))
        }
    }
}

/// The number of descriptors the process may have open.
enum DescriptorLimit {
    /// Raises it as far as the system allows without privileges.
    /// - Returns: the limit that holds now.
    static func raise() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return Int(clamping: limit.rlim_cur)
    }
}
