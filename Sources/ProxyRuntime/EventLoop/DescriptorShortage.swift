import Glibc
import OllamaProxy

/// Notices that the process, or the whole system, has no descriptor left. What needs one then fails with
/// an error of its own, which seldom says why.
final class DescriptorShortage {
    /// A client that floods the server must not flood the log as well.
    private static let interval = Span.minutes(1)

    private let loop: EventLoop
    private let log: Log
    private var lastLogged: Instant?

    init(loop: EventLoop, log: Log) {
        self.loop = loop
        self.log = log
    }

    /// Looks whether there is a shortage, and says so if there is. To be asked when something has failed.
    func look() -> Bool {
        let probe = open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard probe < 0 else {
            close(probe)
            return false
        }
        guard errno == EMFILE || errno == ENFILE else { return false }
        let reason = String(cString: strerror(errno))
        let now = loop.now.monotonic
        if lastLogged.map({ now - $0 > Self.interval }) ?? true {
            lastLogged = now
            log.error(
                "descriptors_used_up",
                [
                    "reason": reason,
                    "consequence": "new connections wait and new requests fail until others have ended",
                    "advice": "raise the limit on open files (LimitNOFILE, ulimit -n) or set a lower MAX_CONNECTIONS",
                ])
        }
        return true
    }
}
