import CLinux
import Glibc

/// Is told when a descriptor becomes ready.
protocol DescriptorWatcher: AnyObject {
    /// - Parameter events: `EPOLLIN`, `EPOLLOUT`, `EPOLLRDHUP` and so on.
    func descriptorReady(_ events: UInt32)
}

/// The epoll instance and what is watched by it.
///
/// Events carry a token, never a pointer or a descriptor: within one batch an earlier event may have removed what a later
/// one is about, and the descriptor may already be in use for something else.
final class Poller {
    /// A place among the watchers, and how many have had it: no two watchers' are the same, and none is 0.
    typealias Token = UInt64

    private struct Place {
        var watcher: (any DescriptorWatcher)?
        var token: Token
    }

    private let epoll: OwnedDescriptor
    private var places: [Place] = []
    private var freePlaces: [Int] = []
    private var events = [epoll_event](repeating: epoll_event(), count: 256)

    init() throws {
        let descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw SystemError("epoll_create1") }
        epoll = OwnedDescriptor(descriptor)
    }

    func add(_ descriptor: Int32, events: UInt32, _ watcher: any DescriptorWatcher) throws -> Token {
        let index = freePlaces.popLast() ?? places.count
        if index == places.count { places.append(Place(watcher: nil, token: Token(index) | 1 << 32)) }
        let token = places[index].token
        var event = epoll_event()
        event.events = events
        event.data.u64 = token
        guard epoll_ctl(epoll.rawValue, EPOLL_CTL_ADD, descriptor, &event) == 0 else {
            freePlaces.append(index)
            throw SystemError("epoll_ctl")
        }
        places[index].watcher = watcher
        return token
    }

    func change(_ descriptor: Int32, token: Token, events: UInt32) {
        var event = epoll_event()
        event.events = events
        event.data.u64 = token
        epoll_ctl(epoll.rawValue, EPOLL_CTL_MOD, descriptor, &event)
    }

    func remove(_ descriptor: Int32, token: Token) {
        let index = Self.index(token)
        guard index < places.count, places[index].token == token else { return }
        places[index] = Place(watcher: nil, token: token &+ (1 << 32))
        freePlaces.append(index)
        var event = epoll_event()
        epoll_ctl(epoll.rawValue, EPOLL_CTL_DEL, descriptor, &event)
    }

    /// Stops watching.
    func removeAll() {
        for index in places.indices { places[index].watcher = nil }
    }

    /// Waits for events, at most `timeout` milliseconds (-1 for ever).
    /// - Returns: how many came; `dispatch` them.
    func wait(timeout: Int32) -> Int {
        let count = epoll_wait(epoll.rawValue, &events, Int32(events.count), timeout)
        return max(0, Int(count))
    }

    func dispatch(_ count: Int) {
        for index in 0..<count {
            let event = events[index]
            let place = places[Self.index(event.data.u64)]
            // A watcher that is gone was removed by an event before this one.
            if place.token == event.data.u64 { place.watcher?.descriptorReady(event.events) }
        }
    }

    private static func index(_ token: Token) -> Int { Int(token & 0xFFFF_FFFF) }
}
