import Foundation
import Glibc
import OllamaProxy
import ProxyRuntime

/// The whole server on a thread of this process, and an upstream for it on another: so the fuzzer sees which of the
/// server's code an input reaches.
final class FuzzedServer: @unchecked Sendable {
    private let port: UInt16

    /// How long an input that may not be a whole request is waited for, in milliseconds.
    private static let patience: Int32 = 4

    init() {
        let upstream = Self.listen()
        Self.startThread { Self.serveUpstream(upstream.descriptor) }
        let free = Self.listen()
        port = free.port
        close(free.descriptor)
        let folder = NSTemporaryDirectory() + "ollama-proxy-fuzz-\(getpid())"
        let environment = [
            "OPENROUTER_API_KEY": Examples.key, "OPENROUTER_BASE_URL": "http://127.0.0.1:\(upstream.port)/api/v1",
            "PORT": "\(port)", "DATA_DIR": folder, "LOG_LEVEL": "ERROR", "FREE_REQUESTS_PER_MINUTE": "0",
            "FREE_REQUESTS_PER_DAY": "0", "EMBEDDING_MODEL": "vendor/vectors:free",
        ]
        let configuration = try! ConfigurationReader.read(environment: environment) { _ in nil }
        Self.startThread {
            let proxy = try! Proxy(configuration)
            proxy.run()
        }
        while !exchange("GET /api/tags HTTP/1.1\r\nHost: localhost\r\n\r\n", patience: 1000).hasPrefix("HTTP/1.1 200") {
            usleep(10_000)
        }
    }

    /// What the server sends for these bytes on a connection of their own, until it has been silent for a moment.
    func exchange(_ bytes: Bytes, patience: Int32 = FuzzedServer.patience) -> String {
        let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(client) }
        // So that thousands of closed connections leave no addresses behind that wait to be forgotten.
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(client, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
        var address = Self.loopback(port)
        let isConnected = Self.withAddress(&address) { connect(client, $0, $1) == 0 }
        guard isConnected else { return "" }
        var sent = 0
        while sent < bytes.count {
            let count = send(client, bytes.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            if count <= 0 { break }
            sent += count
        }
        return Self.readUntilSilent(client, patience: patience)
    }

    func exchange(_ text: String, patience: Int32 = FuzzedServer.patience) -> String {
        var text = text
        return text.withUTF8 { exchange($0, patience: patience) }
    }

    private static func readUntilSilent(_ descriptor: Int32, patience: Int32) -> String {
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        while poll(&waiting, 1, patience) > 0 {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            received += buffer.prefix(count)
        }
        return String(decoding: received, as: UTF8.self)
    }

    // MARK: The upstream

    private static let models = """
        {"data":[{"id":"vendor/plain:free","context_length":8000,"pricing":{"prompt":"0","completion":"0"},\
        "architecture":{"input_modalities":["text"],"output_modalities":["text"]},"supported_parameters":["tools"]}]}
        """
    private static let answer = """
        data: {"id":"1","choices":[{"delta":{"content":"fine"},"finish_reason":"stop"}]}\n
        data: [DONE]\n\n
        """

    /// Answers one request a connection: a list of models, or the same answer to everything.
    private static func serveUpstream(_ listening: Int32) {
        while true {
            let client = accept(listening, nil, nil)
            guard client >= 0 else { continue }
            let isList = readUntilSilent(client, patience: 1).contains("/models")
            let (type, body) = isList ? ("application/json", models) : ("text/event-stream", answer)
            let reply =
                "HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\nConnection: close\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
            _ = reply.withCString { send(client, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
            close(client)
        }
    }

    // MARK: Sockets and threads

    private static func listen() -> (descriptor: Int32, port: UInt16) {
        let listening = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withAddress(&address) { bind(listening, $0, $1) }
        _ = Glibc.listen(listening, 128)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { _ = getsockname(listening, $0, &length) }
        }
        return (listening, UInt16(bigEndian: address.sin_port))
    }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private static func withAddress<Result>(
        _ address: inout sockaddr_in, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private static func startThread(_ body: @escaping @Sendable () -> Void) {
        let thread = Thread(block: body)
        thread.stackSize = 8 << 20
        thread.start()
    }
}
