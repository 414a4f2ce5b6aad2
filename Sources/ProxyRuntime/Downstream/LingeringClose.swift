import CLinux
import Glibc
import OllamaProxy

/// A connection that was ended from our side, while its client may still be sending.
///
/// Closing a socket that has unread bytes resets the connection, and the client loses what it has not read of the reply: RFC
/// 9112, section 9.6. So what still arrives is read and dropped, until the client closes its side or its time is up.
final class LingeringClose: DescriptorWatcher, TimerTarget {
    /// Time for the client to read its reply.
    private static let patience = Span.seconds(10)
    /// A client that sends more bytes than this is not going to stop.
    private static let limit = 4 << 20

    private let socket: OwnedDescriptor
    private let loop: EventLoop
    private let ended: (LingeringClose) -> Void
    private var token: Poller.Token = 0
    private var timer: TimerHandle!
    let deadline: Instant?
    private var droppedCount = 0

    /// Duplicates the descriptor, as the owner of the original closes that.
    /// - Parameter ended: told once, when nothing is to be waited for any more.
    /// - Returns: nil when there is no descriptor left for it.
    init?(_ descriptor: Int32, loop: EventLoop, ended: @escaping (LingeringClose) -> Void) {
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { return nil }
        socket = OwnedDescriptor(copy)
        self.loop = loop
        self.ended = ended
        deadline = loop.now.monotonic + Self.patience
        guard let token = try? loop.poller.add(copy, events: EPOLLIN.rawValue, self) else { return nil }
        self.token = token
        timer = loop.timers.register(self)
        loop.timers.update(timer, deadline: deadline)
    }

    func descriptorReady(_ events: UInt32) {
        let count = withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { room in
            recv(socket.rawValue, room.baseAddress, room.count, Int32(MSG_DONTWAIT))
        }
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        droppedCount += max(0, count)
        if count <= 0 || droppedCount > Self.limit { end() }
    }

    func deadlineReached() {
        end()
    }

    private func end() {
        loop.poller.remove(socket.rawValue, token: token)
        loop.timers.unregister(timer)
        ended(self)
    }
}
