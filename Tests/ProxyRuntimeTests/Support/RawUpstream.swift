import Foundation
import Glibc
import TestSupport

/// An upstream that sends whatever bytes a test makes up, without end if need be: what no proper server does. Each
/// connection serves one request. The models list and the key are answered properly unless a test wants them.
final class RawUpstream: Sendable {
    /// A request that waits for its answer.
    struct Call: Sendable {
        let path: String
        let model: String
        /// How many there were before.
        let number: Int
        fileprivate let descriptor: Int32

        /// - Returns: false when the proxy takes no more.
        @discardableResult
        func send(_ bytes: [UInt8]) -> Bool {
            var start = 0
            while start < bytes.count {
                let count = bytes.withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress! + start, bytes.count - start, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { return false }
                start += count
            }
            return true
        }

        @discardableResult
        func send(_ text: String) -> Bool { send(Array(text.utf8)) }

        /// Until the proxy takes no more.
        func sendWithoutEnd(_ text: String) {
            let piece = Array(String(repeating: text, count: max(1, (64 << 10) / text.utf8.count)).utf8)
            while send(piece) {}
        }

        /// Waits until the proxy has closed the connection.
        func waitUntilLeft() {
            var byte: UInt8 = 0
            while recv(descriptor, &byte, 1, 0) > 0 {}
        }

        /// Waits for another request on the connection, or its end, and reads what has come of it.
        func waitForMore() {
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            _ = recv(descriptor, &buffer, buffer.count, 0)
        }

        /// A head after which the body lasts as long as the connection.
        @discardableResult
        func sendHead(_ status: Int = 200, type: String = "text/event-stream", _ lines: String = "") -> Bool {
            send("HTTP/1.1 \(status) Any\r\nContent-Type: \(type)\r\n\(lines)Connection: close\r\n\r\n")
        }

        /// A proper answer in words.
        func sendWords(_ text: String) {
            sendHead()
            send("data: {\"choices\":[{\"delta\":{\"content\":\"\(text)\"}}]}\n\ndata: [DONE]\n\n")
        }
    }

    fileprivate final class Shared: @unchecked Sendable {
        private let lock = NSLock()
        private var open: Set<Int32> = []
        private var isOver = false
        private var openedCount = 0

        /// - Returns: how many there were before.
        func opened(_ descriptor: Int32) -> Int {
            lock.withLock {
                openedCount += 1
                open.insert(descriptor)
                if isOver { shutdown(descriptor, Int32(SHUT_RDWR)) }
                return openedCount - 1
            }
        }

        func close(_ descriptor: Int32) {
            lock.withLock {
                open.remove(descriptor)
                _ = Glibc.close(descriptor)
            }
        }

        func end() {
            lock.withLock {
                isOver = true
                for descriptor in open { shutdown(descriptor, Int32(SHUT_RDWR)) }
            }
        }

        var connectionCount: Int { lock.withLock { openedCount } }
    }

    let port: UInt16
    private let listener: Int32
    private let shared = Shared()

    /// - Parameters:
    ///   - answersAll: whether `answer` is also asked for the models list and the key.
    ///   - answer: called on a thread of its own for each request; the connection is closed when it returns.
    init(
        models: [ListedModel] = ListedModel.three, answersAll: Bool = false,
        answer: @escaping @Sendable (Call) -> Void
    ) throws {
        let listening = try LoopbackListener(backlog: 64)
        let listener = listening.descriptor
        self.listener = listener
        port = listening.port
        let list = models.json
        let shared = shared
        Thread.detachNewThread {
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { break }
                let number = shared.opened(descriptor)
                Thread.detachNewThread {
                    defer { shared.close(descriptor) }
                    guard let call = Self.receive(descriptor, number) else { return }
                    switch call.path {
                    case "/api/v1/models" where !answersAll:
                        call.sendHead(type: "application/json", "Content-Length: \(list.utf8.count)\r\n")
                        call.send(list)
                    case "/api/v1/key" where !answersAll: call.sendHead(404, type: "application/json")
                    default: answer(call)
                    }
                }
            }
            close(listener)
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        shared.end()
    }

    var baseURL: String { "http://127.0.0.1:\(port)/api/v1" }
    var connectionCount: Int { shared.connectionCount }

    /// A proxy before this upstream that has read its models list, and asks for nothing more by itself.
    func proxy(settings: [String: String] = [:]) throws -> ProxyProcess {
        let proxy = try ProxyProcess(upstream: baseURL, settings: settings)
        try proxy.waitForLog(event: "models_ready", containing: "source=upstream")
        try proxy.waitForLog(event: "account_unknown")
        return proxy
    }

    /// Reads one request with its body.
    private static func receive(_ descriptor: Int32, _ number: Int) -> Call? {
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            received += buffer[..<count]
            let text = String(decoding: received, as: UTF8.self)
            guard let headEnd = text.range(of: "\r\n\r\n") else { continue }
            let lines = text[..<headEnd.lowerBound].components(separatedBy: "\r\n")
            let length = lines.first { $0.hasPrefix("Content-Length: ") }.flatMap { Int($0.dropFirst(16)) } ?? 0
            let body = String(text[headEnd.upperBound...])
            guard body.utf8.count >= length else { continue }
            let path = lines[0].split(separator: " ").dropFirst().first.map(String.init) ?? ""
            let model = (try? JSON.object(body))?["model"] as? String ?? ""
            return Call(path: path, model: model, number: number, descriptor: descriptor)
        }
    }
}
