/// What one client, and all of them together, may take of the server.
package struct ServerLimits: Equatable {
    /// Bytes of a request's body.
    package var body = 32 << 20
    /// Bytes of a request's line and headers, and of the memory kept for them.
    package var header = 8 << 10
    /// Connections at once; nil for as many as the descriptors allow, up to `mostConnections`.
    package var connections: Int?
    /// Connections from one address at once; 0 for any number. Those of this machine are not counted.
    package var connectionsPerAddress = 256
    /// How long it may take from a connection's start until the head of its first request has come.
    package var headerTimeout = Span.seconds(30)
    /// How long a request's body may take to come; one that brings `slowestBody` bytes a second may go on for as long again.
    package var bodyTimeout = Span.seconds(60)
    /// Requests that are answered by models at once, those that wait for their turn included.
    package var concurrentRequests = 512

    package init() {}

    /// What is allowed when nothing is set, however many descriptors there are.
    package static let mostConnections = 10_000
    /// Bytes a second. A telephone on the edge of its network sends faster.
    package static let slowestBody = 4 << 10
}
