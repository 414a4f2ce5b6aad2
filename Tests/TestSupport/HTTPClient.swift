import Foundation

/// How an answer's body ended.
public enum BodyEnding: String, Sendable {
    /// By its length, its last chunk, or because it may have none.
    case complete
    /// By the end of the connection, where neither a length nor chunks were announced.
    case endOfConnection
    /// By the end of the connection, before all that was announced had come.
    case truncated
    /// By a reset of the connection.
    case reset
}

/// A whole HTTP answer.
public struct HTTPResponse: Sendable {
    public let head: HTTPHead
    public let body: [UInt8]
    public let ending: BodyEnding

    public var status: Int { head.status }
    public var headers: HTTPHead.Headers { head.headers }
    public var text: String { String(decoding: body, as: UTF8.self) }

    /// The body's lines, without their ends and without empty ones.
    public var lines: [String] { text.split(whereSeparator: \.isNewline).map(String.init) }

    /// The body as a JSON value of Foundation's making.
    public func json() throws -> Any {
        try JSONSerialization.jsonObject(with: Data(body), options: [.fragmentsAllowed])
    }

    /// The body as a JSON object.
    public func jsonObject() throws -> [String: Any] {
        guard let object = try json() as? [String: Any] else { throw SupportError("not a JSON object: \(text)") }
        return object
    }
}

/// A small blocking HTTP/1.1 client for 127.0.0.1. It adds nothing to a request but Host and Content-Length, and every
/// operation has a time limit.
public struct HTTPClient: Sendable {
    public let port: UInt16
    /// Seconds that one wait for the peer may last.
    public let timeout: TimeInterval

    public init(port: UInt16, timeout: TimeInterval = 60) {
        self.port = port
        self.timeout = timeout
    }

    /// Sends a request on a connection of its own and reads the whole answer.
    public func request(
        _ method: String, _ path: String, headers: [(String, String)] = [], body: [UInt8]? = nil
    ) throws -> HTTPResponse {
        let stream = try open(method, path, headers: headers, body: body)
        defer { stream.close() }
        return try stream.readResponse()
    }

    /// The same with a text as the body.
    public func request(
        _ method: String, _ path: String, headers: [(String, String)] = [], body: String
    ) throws -> HTTPResponse {
        try request(method, path, headers: headers, body: Array(body.utf8))
    }

    /// Sends a JSON body by POST.
    public func post(_ path: String, json: String, headers: [(String, String)] = []) throws -> HTTPResponse {
        try request("POST", path, headers: [("Content-Type", "application/json")] + headers, body: json)
    }

    /// Sends a request on a connection of its own, whose answer can then be read bit by bit.
    public func open(
        _ method: String, _ path: String, headers: [(String, String)] = [], body: [UInt8]? = nil,
        receiveBuffer: Int? = nil
    ) throws -> HTTPStream {
        let stream = try connect(receiveBuffer: receiveBuffer)
        try stream.send(method, path, headers: headers, body: body)
        return stream
    }

    /// The same with a text as the body.
    public func open(
        _ method: String, _ path: String, headers: [(String, String)] = [], body: String, receiveBuffer: Int? = nil
    ) throws -> HTTPStream {
        try open(method, path, headers: headers, body: Array(body.utf8), receiveBuffer: receiveBuffer)
    }

    /// Connects without sending anything; a small receive buffer makes a slow reader.
    public func connect(receiveBuffer: Int? = nil) throws -> HTTPStream {
        let socket = ClientSocket(timeout: timeout)
        if let receiveBuffer { socket.setReceiveBuffer(receiveBuffer) }
        try socket.connect(to: port)
        return HTTPStream(socket: socket)
    }
}
