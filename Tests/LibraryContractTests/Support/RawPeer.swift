import CLinux
import Glibc

/// One end of a TCP connection without any HTTP library: what a test sends and sees are the bytes on the wire.
final class RawPeer {
    private let loop: EventLoop
    private var descriptor: CInt
    private(set) var received: [UInt8] = []
    /// The other side will send no more: it closed or reset the connection.
    private(set) var hasEnded = false
    var onReceive: (RawPeer) -> Void = { _ in }

    init(descriptor: CInt, loop: EventLoop) {
        self.descriptor = descriptor
        self.loop = loop
        loop.watch(descriptor, for: EPOLLIN.rawValue) { [weak self] _ in self?.readAvailable() }
    }

    convenience init(connectingTo port: UInt16, loop: EventLoop) {
        self.init(descriptor: connectToLoopback(port: port), loop: loop)
    }

    deinit {
        close()
    }

    var text: String { String(decoding: received, as: UTF8.self) }

    /// What followed the header block.
    var body: String {
        guard let headEnd = text.firstRange(of: "\r\n\r\n") else { return "" }
        return String(text[headEnd.upperBound...])
    }

    func forgetReceived() {
        received = []
    }

    func send(_ text: String) {
        var remaining = Array(text.utf8)[...]
        while !remaining.isEmpty {
            let sent = remaining.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            // Tests send less than a socket buffer, so a refusal means that the other side has gone.
            guard sent > 0 else { return }
            remaining = remaining.dropFirst(sent)
        }
    }

    func finishSending() {
        shutdown(descriptor, CInt(SHUT_WR))
    }

    func close() {
        guard descriptor >= 0 else { return }
        loop.unwatch(descriptor)
        Glibc.close(descriptor)
        descriptor = -1
    }

    private func readAvailable() {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = read(descriptor, &buffer, buffer.count)
        if count > 0 {
            received += buffer[..<count]
        } else if count == 0 || errno != EAGAIN {
            hasEnded = true
            loop.unwatch(descriptor)
        }
        onReceive(self)
    }
}
