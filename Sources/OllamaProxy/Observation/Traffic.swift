/// What went over connections since the start.
package struct Traffic: Equatable {
    /// Bytes that replies to clients consisted of, without their heads.
    package var sentBytes = 0
    /// Bytes of the upstream's replies, without their heads, once they are over.
    package var receivedBytes = 0
    /// Requests to the upstream that found a connection open, and those that opened one.
    package var reusedConnections = 0
    package var openedConnections = 0

    package init() {}
}
