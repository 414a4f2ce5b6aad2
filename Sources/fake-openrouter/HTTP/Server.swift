import CLinux
import Glibc

/// The event loop: one thread, one epoll instance, edge-triggered connections.
final class Server {
    let upstream: Upstream
    let isQuiet: Bool
    var counters = Counters()
    var connections: [Int32: Connection] = [:]
    /// Connections that wait for a counter.
    var waiters: [Connection] = []

    private let epoll: Int32
    private let listener: Int32
    private let signals: Int32
    private var timers = TimerHeap()
    private var lastTimerSequence: UInt64 = 0
    private var isListenerPaused = false
    let readBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 16)

    /// Opens the listening socket; `port` then tells where.
    init(address: String, port: UInt16, upstream: Upstream, isQuiet: Bool) throws(SocketError) {
        self.upstream = upstream
        self.isQuiet = isQuiet
        listener = try Socket.listen(address: address, port: port)
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        signals = Self.signalDescriptor()
        add(listener, events: EPOLLIN.rawValue)
        add(signals, events: EPOLLIN.rawValue)
    }

    var port: UInt16 { Socket.localPort(of: listener) }

    /// Serves until SIGTERM or SIGINT.
    func run() {
        var events = [epoll_event](repeating: epoll_event(), count: 1024)
        while true {
            let count = epoll_wait(epoll, &events, Int32(events.count), timeoutMilliseconds())
            for event in events.prefix(Int(max(count, 0))) {
                switch event.data.fd {
                case listener: acceptConnections()
                case signals: return
                default:
                    if let connection = connections[event.data.fd] { handle(connection, event.events) }
                }
            }
            fireTimers()
            answerWaiters()
            if isListenerPaused {
                isListenerPaused = false
                acceptConnections()
            }
        }
    }

    private func timeoutMilliseconds() -> Int32 {
        if isListenerPaused { return 10 }
        guard let deadline = timers.nextDeadline else { return -1 }
        let now = Clock.monotonicNanoseconds
        guard deadline > now else { return 0 }
        return Int32(min((deadline - now + 999_999) / 1_000_000, 60_000))
    }

    // MARK: Timers

    /// Replaces the connection's timer.
    func schedule(_ connection: Connection, at deadline: UInt64) {
        lastTimerSequence += 1
        connection.timerSequence = lastTimerSequence
        timers.insert(
            TimerHeap.Entry(deadline: deadline, descriptor: connection.descriptor, sequence: lastTimerSequence))
    }

    private func fireTimers() {
        let now = Clock.monotonicNanoseconds
        // What is scheduled for "now" while this runs waits for the next turn, or sockets would starve.
        let newest = lastTimerSequence
        var postponed: [TimerHeap.Entry] = []
        while let entry = timers.takeDue(at: now) {
            guard let connection = connections[entry.descriptor], connection.timerSequence == entry.sequence else {
                continue
            }
            if entry.sequence > newest {
                postponed.append(entry)
                continue
            }
            connection.timerSequence = 0
            timerFired(connection, now: now)
        }
        for entry in postponed { timers.insert(entry) }
    }

    // MARK: Connections

    private func acceptConnections() {
        while true {
            let descriptor = Socket.accept(listener)
            guard descriptor >= 0 else {
                // Without descriptors the listener would stay readable, and the loop would spin.
                isListenerPaused = errno == EMFILE || errno == ENFILE
                return
            }
            connections[descriptor] = Connection(descriptor: descriptor)
            counters.openConnections += 1
            counters.acceptedConnections += 1
            add(
                descriptor,
                events: EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue)
        }
    }

    private func handle(_ connection: Connection, _ events: UInt32) {
        if events & EPOLLOUT.rawValue != 0, connection.queuedBytes > 0 { socketDrained(connection) }
        if events & (EPOLLIN.rawValue | EPOLLRDHUP.rawValue) != 0 {
            connection.mayHaveInput = true
            readRequests(connection)
        }
        let gone = EPOLLRDHUP.rawValue | EPOLLHUP.rawValue | EPOLLERR.rawValue
        if events & gone != 0, isOpen(connection) { peerLeft(connection) }
    }

    func isOpen(_ connection: Connection) -> Bool { connections[connection.descriptor] === connection }

    /// Closes a connection whose peer has gone, and counts the answer that it will not see.
    func peerLeft(_ connection: Connection) {
        if case .answering = connection.state, !connection.isControl { counters.peerLeft += 1 }
        close(connection)
    }

    /// Forgets a connection; with `isReset` the peer gets RST instead of FIN.
    func close(_ connection: Connection, isReset: Bool = false) {
        guard isOpen(connection) else { return }
        endAnswer(connection)
        connections[connection.descriptor] = nil
        waiters.removeAll { $0 === connection }
        counters.openConnections -= 1
        if connection.isControl { counters.controlConnections -= 1 }
        counters.queuedBytes -= connection.queuedBytes
        Socket.close(connection.descriptor, isReset: isReset)
    }

    private func add(_ descriptor: Int32, events: UInt32) {
        var event = epoll_event(events: events, data: epoll_data_t(fd: descriptor))
        epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event)
    }

    private static func signalDescriptor() -> Int32 {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGTERM)
        sigaddset(&set, SIGINT)
        sigprocmask(SIG_BLOCK, &set, nil)
        return signalfd(-1, &set, Int32(SFD_CLOEXEC | SFD_NONBLOCK))
    }
}
