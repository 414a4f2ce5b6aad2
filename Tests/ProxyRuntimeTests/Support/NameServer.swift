import Foundation
import Glibc
import TestSupport

/// A name server that answers as it is told to, and a launcher whose process asks it and nobody else.
final class NameServer: @unchecked Sendable {
    enum Behaviour: String, CaseIterable {
        /// Every name is 127.0.0.1.
        case answering
        /// Nothing comes back.
        case silent
        /// It says that it cannot say.
        case failing
        /// It says that there is no such name.
        case ignorant
    }

    /// Only root may listen where name servers do, and lay its own file over the system's.
    static let isAvailable = getuid() == 0 && Isolation.canMount && (try? NameServer(.silent)) != nil
    static let unavailable = "only root may serve names here"

    private let address: String
    private let descriptor: Int32
    private let folder: TemporaryFolder
    // Guards what follows.
    private let condition = NSCondition()
    private var behaviour: Behaviour
    private var count = 0

    init(_ behaviour: Behaviour) throws {
        self.behaviour = behaviour
        folder = try TemporaryFolder()
        descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let host = UInt32.random(in: 0x7F35_0001...0x7F35_FFFE)
        address = "127.53.\(host >> 8 & 0xFF).\(host & 0xFF)"
        var endpoint = sockaddr_in()
        endpoint.sin_family = sa_family_t(AF_INET)
        endpoint.sin_port = UInt16(53).bigEndian
        endpoint.sin_addr.s_addr = host.bigEndian
        let result = withUnsafePointer(to: endpoint) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            close(descriptor)
            throw SupportError("bind: \(String(cString: strerror(errno)))")
        }
        try folder.write("nameserver \(address)\noptions timeout:5 attempts:2\n", to: "resolv.conf")
        try folder.write("hosts: dns\n", to: "nsswitch.conf")
        let thread = Thread { [descriptor, weak self] in
            while let query = Query(receivedOn: descriptor) { self?.take(query) }
            close(descriptor)
        }
        thread.name = "name-server"
        thread.start()
    }

    // The thread ends with its socket, which it closes.
    deinit { shutdown(descriptor, Int32(SHUT_RDWR)) }

    var launcher: [String] {
        Isolation.mounting(
            ["resolv.conf", "nsswitch.conf"].map { "mount --bind '\(folder.file($0).path)' /etc/\($0)" }
                .joined(separator: "\n"))
    }

    func behave(_ behaviour: Behaviour) { condition.withLock { self.behaviour = behaviour } }

    /// Waits until it has been asked, since the beginning, more often than so.
    func waitForQuestion(after count: Int) -> Bool {
        condition.lock()
        defer { condition.unlock() }
        while self.count <= count {
            if !condition.wait(until: Date(timeIntervalSinceNow: 20)) { return false }
        }
        return true
    }

    var questionCount: Int { condition.withLock { count } }

    private func take(_ query: Query) {
        let behaviour = condition.withLock {
            count += 1
            condition.broadcast()
            return self.behaviour
        }
        switch behaviour {
        case .answering: query.reply(code: 0, isAddress: true)
        case .silent: break
        case .failing: query.reply(code: 2, isAddress: false)
        case .ignorant: query.reply(code: 3, isAddress: false)
        }
    }
}

/// One question, as RFC 1035 has it.
private struct Query {
    private let descriptor: Int32
    private let bytes: [UInt8]
    private let sender: sockaddr_in
    /// Where the question ends that follows the head of 12 bytes: a name in pieces, a type, a class.
    private let end: Int

    init?(receivedOn descriptor: Int32) {
        var buffer = [UInt8](repeating: 0, count: 512)
        var sender = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let count = withUnsafeMutablePointer(to: &sender) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                recvfrom(descriptor, &buffer, buffer.count, 0, $0, &length)
            }
        }
        guard count > 16 else { return nil }
        var end = 12
        while end < count, buffer[end] != 0 { end += Int(buffer[end]) + 1 }
        guard end + 5 <= count else { return nil }
        self.descriptor = descriptor
        self.sender = sender
        self.end = end + 5
        bytes = Array(buffer[..<count])
    }

    func reply(code: UInt8, isAddress: Bool) {
        // Of an address of the newer kind there is none, which is an answer too.
        let hasAnswer = isAddress && bytes[end - 4] == 0 && bytes[end - 3] == 1
        var reply = bytes[0..<2] + [0x81, 0x80 | code, 0, 1, 0, hasAnswer ? 1 : 0, 0, 0, 0, 0] + bytes[12..<end]
        if hasAnswer { reply += [0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 5, 0, 4, 127, 0, 0, 1] }
        withUnsafePointer(to: sender) { pointer in
            _ = pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, Array(reply), reply.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
