import Foundation
import Glibc
import TestSupport
import Testing

/// As many connections as the descriptors allow, up to ten thousand, with room left for others. Smaller limits, also for
/// one address, stand in `TooMuchAtOnce`.
@Suite(.timeLimit(.minutes(10)), .serialized)
struct ConnectionFloods {
    /// In kB; 20 kB are kept for each connection's head.
    private static let memoryLimit = AddressSanitizer.memoryFactor * (400 << 10)

    /// A connection that has had an answer may stay, and costs others nothing.
    @Test func idleConnectionsDisturbNobody() throws {
        // The first of so many may wait long until the last is there.
        let stage = try Stage(settings: ["HEADER_TIMEOUT_SECONDS": "3600"])
        let crowd = try Crowd(port: stage.proxy.port)
        try crowd.send("GET /api/version HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(try crowd.receive().allSatisfy { $0.hasPrefix("HTTP/1.1 200 ") })
        #expect(try stage.proxy.health().connections == crowd.count + 1)
        #expect(try stage.chat().isDone)
        #expect(try stage.client.request("GET", "/api/tags").status == 200)
        #expect(stage.proxy.residentKilobytes < Self.memoryLimit)
        // They are alive all the same.
        try crowd.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        #expect(try crowd.receive().allSatisfy { $0.hasSuffix("Ollama is running") })
        crowd.close()
        try stage.waitUntilIdle()
        #expect(try stage.chat().isDone)
    }

    /// One that does not say enough has until the deadline. Where the server was held up, that has passed for all of them at
    /// once: libmicrohttpd cleans them up in one go.
    @Test func silentConnectionsAreEnded() throws {
        let seconds = 15
        let stage = try Stage(settings: ["HEADER_TIMEOUT_SECONDS": String(seconds)])
        let crowd = try Crowd(port: stage.proxy.port)
        try crowd.send("GET /api/version HTTP/1.1\r\nHost: local")
        #expect(try stage.chat().isDone)
        stage.proxy.process.send(signal: SIGSTOP)
        Thread.sleep(forTimeInterval: Double(seconds))
        stage.proxy.process.send(signal: SIGCONT)
        #expect(try crowd.receive().allSatisfy { $0.hasPrefix("HTTP/1.1 408 ") })
        try stage.waitUntilIdle()
        #expect(stage.proxy.process.peakResidentKilobytes ?? 0 < Self.memoryLimit)
        crowd.close()
    }

    /// An address of this machine's that is not the loopback one, as another machine would have.
    private static let outerAddress = Crowd.outerAddress()

    @Test(.enabled(if: outerAddress != nil)) func oneAddressCannotTakeThemAll() throws {
        let stage = try Stage(settings: [
            "OLLAMA_HOST": "0.0.0.0", "MAX_CONNECTIONS_PER_ADDRESS": "50", "PROXY_API_KEYS": "kitchen-key-1",
        ])
        let request = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
        let crowd = try Crowd(port: stage.proxy.port, count: 50, address: Self.outerAddress)
        try crowd.send(request)
        #expect(try crowd.receive().allSatisfy { $0.hasPrefix("HTTP/1.1 200 ") })
        let surplus = try Crowd(port: stage.proxy.port, count: 20, address: Self.outerAddress)
        try? surplus.send(request)
        let answers = try? surplus.receive()
        #expect(answers?.allSatisfy(\.isEmpty) != false)
        #expect(try stage.client.request("GET", "/").status == 200)
        try stage.proxy.waitForLog(event: "too_many_connections")
        #expect(stage.proxy.logLines.count { $0.event == "too_many_connections" } == 1)
        // Who is in goes on to be served.
        try crowd.send(request)
        #expect(try crowd.receive().allSatisfy { $0.hasPrefix("HTTP/1.1 200 ") })
        // Who leaves makes room.
        crowd.close()
        let deadline = Date(timeIntervalSinceNow: 10)
        var isServed = false
        while !isServed, Date() < deadline {
            let next = try Crowd(port: stage.proxy.port, count: 1, address: Self.outerAddress)
            try? next.send(request)
            isServed = (try? next.receive())?.first?.hasPrefix("HTTP/1.1 200 ") == true
        }
        #expect(isServed)
    }

    /// Who asks and asks and never reads is asked to wait by a full socket, and by nothing of ours.
    @Test func requestsWithoutReading() throws {
        let stage = try Stage()
        let piece = Array(String(repeating: "GET /api/tags HTTP/1.1\r\nHost: localhost\r\n\r\n", count: 1000).utf8)
        let clients = try (0..<10).map { _ in try HTTPClient(port: stage.proxy.port, timeout: 0.5).connect() }
        for client in clients {
            #expect(throws: HTTPTimeout.self) { while try client.send(raw: piece) {} }
            #expect(try stage.client.request("GET", "/api/version").status == 200)
        }
        #expect(stage.proxy.process.peakResidentKilobytes ?? 0 < AddressSanitizer.memoryFactor * 100 << 10)
        for client in clients { client.reset() }
        try stage.waitUntilIdle()
    }

    /// Those who come and go at once leave nothing behind.
    @Test func connectionsThatAreResetAreForgotten() throws {
        let stage = try Stage()
        let before = stage.proxy.openDescriptorCount
        for beginning in ["", "GET /api", "POST /api/chat HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{"] {
            for _ in 0..<1000 {
                let client = try stage.client.connect()
                try client.send(raw: beginning)
                client.reset()
            }
        }
        try stage.waitUntilIdle()
        #expect(stage.proxy.openDescriptorCount <= before + 1)
        #expect(try stage.chat().isDone)
    }
}

/// Connections by the thousand, which all do the same.
private final class Crowd {
    private var descriptors: [Int32] = []

    /// - Parameters:
    ///   - count: nil for as many as can be.
    ///   - address: where to connect; nil for the loopback address.
    init(port: UInt16, count: Int? = nil, address host: in_addr? = nil) throws {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        // The server keeps half of its descriptors for the upstream.
        let count = count ?? min(10_000, (Int(clamping: limit.rlim_max) - 64) / 2 - 100)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr = host ?? in_addr(s_addr: UInt32(0x7F00_0001).bigEndian)
        for _ in 0..<count {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            descriptors.append(descriptor)
            var wait = timeval(tv_sec: 30, tv_usec: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
            let result = withUnsafePointer(to: address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            guard result == 0 else { throw SupportError("connection \(descriptors.count) of \(count) failed") }
        }
    }

    deinit { close() }

    static func outerAddress() -> in_addr? {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return nil }
        defer { freeifaddrs(first) }
        return sequence(first: first, next: { $0?.pointee.ifa_next }).lazy.compactMap { entry -> in_addr? in
            guard let address = entry?.pointee.ifa_addr, address.pointee.sa_family == sa_family_t(AF_INET) else {
                return nil
            }
            return UnsafeRawPointer(address).loadUnaligned(as: sockaddr_in.self).sin_addr
        }.first { UInt32(bigEndian: $0.s_addr) >> 24 != 127 }
    }

    var count: Int { descriptors.count }

    func send(_ text: String) throws {
        for descriptor in descriptors {
            let count = text.withCString { Glibc.send(descriptor, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
            guard count == text.utf8.count else { throw SupportError("a connection takes nothing") }
        }
    }

    /// What each of them is told next, which is short.
    func receive() throws -> [String] {
        var buffer = [UInt8](repeating: 0, count: 1024)
        return try descriptors.map { descriptor in
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count >= 0 else { throw SupportError("a connection is told nothing") }
            return String(decoding: buffer[..<count], as: UTF8.self)
        }
    }

    func close() {
        for descriptor in descriptors { Glibc.close(descriptor) }
        descriptors = []
    }
}
