/// The way that a request came in by, which decides on the shape of everything that goes out again. Each API defines its
/// doors in its own folder, whole on one screen; `docs/design.md` tells how to add one.
package final class Door: Sendable {
    /// What is known when an answer begins.
    struct Opening {
        let model: Model
        /// The model as the client wrote it.
        let requestedName: String
        /// The upstream as a URL without a path.
        let remoteHost: String
        /// The client asked not to see the model think.
        let hidesThinking: Bool
        /// Another attempt may go on with the answer if it breaks.
        let mayBeResumed: Bool
    }

    /// For people who read a test's output, and to tell doors apart.
    package let name: StaticString
    /// Whether the client is answered word by word.
    package let streams: Bool
    /// Whether the upstream answers word by word, so that silence means something.
    package let streamsUpstream: Bool
    /// Whether what comes is passed on as it is, so that it must have the form that was asked for.
    package let isForwarding: Bool
    /// What the upstream speaks.
    let dialect: Dialect
    /// How its errors look.
    package let errors: ErrorShape
    /// The media type of a reply that succeeds.
    package let contentType: StaticString
    /// Appends what every client of the API takes for a stream that is alive and says nothing yet.
    let heartbeat: @Sendable (_ requestedName: String, _ now: Moment, _ output: ByteBuffer) -> Void
    /// Makes what turns an answer of the upstream's into a reply.
    let translator: @Sendable (Opening) -> any ReplyTranslator

    /// - Parameters:
    ///   - streamType: the media type of a reply that comes word by word; other replies are JSON.
    ///   - heartbeat: the comment of an event stream where nothing else is said.
    init(
        _ name: StaticString, streams: Bool, streamsUpstream: Bool, isForwarding: Bool = false, dialect: Dialect,
        errors: ErrorShape, streamType: StaticString = MediaType.eventStream,
        heartbeat: @escaping @Sendable (String, Moment, ByteBuffer) -> Void = Door.comment,
        translator: @escaping @Sendable (Opening) -> any ReplyTranslator
    ) {
        self.name = name
        self.streams = streams
        self.streamsUpstream = streamsUpstream
        self.isForwarding = isForwarding
        self.dialect = dialect
        self.errors = errors
        contentType = streams ? streamType : MediaType.json
        self.heartbeat = heartbeat
        self.translator = translator
    }

    /// Where the upstream serves it, behind the base URL.
    package var upstreamPath: String { dialect.path }

    /// Whether an answer that breaks can be resumed by another attempt: the client has read some of it, and the upstream can
    /// be asked to continue.
    var canBeResumed: Bool { streams && dialect.canBeResumed }

    private static let comment: @Sendable (String, Moment, ByteBuffer) -> Void = { _, _, output in
        output.append(": waiting\n\n")
    }
}

extension Door: Equatable {
    package static func == (door: Door, other: Door) -> Bool {
        door.name.description == other.name.description && door.streams == other.streams
    }
}
