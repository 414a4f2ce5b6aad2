/// How the errors of an API look, so that each client finds the reason where it looks for one.
package struct ErrorShape: Sendable {
    /// Writes the body of an error reply.
    private let write: @Sendable (_ status: Int, _ message: String, _ body: inout JSONWriter) -> Void
    /// What precedes and follows an error at the end of a stream.
    private let lead: StaticString
    private let end: StaticString
    /// Writes an error at the end of a stream, if that looks different.
    private let writeLast: @Sendable (_ status: Int, _ message: String, _ body: inout JSONWriter) -> Void

    /// - Parameters:
    ///   - lead: what precedes an error at the end of a stream.
    ///   - end: what follows it.
    ///   - last: how that error looks, if different from one that is the whole reply.
    init(
        lead: StaticString, end: StaticString,
        last: (@Sendable (_ status: Int, _ message: String, _ body: inout JSONWriter) -> Void)? = nil,
        write: @escaping @Sendable (_ status: Int, _ message: String, _ body: inout JSONWriter) -> Void
    ) {
        self.lead = lead
        self.end = end
        self.write = write
        writeLast = last ?? write
    }

    /// The body of an error reply.
    package func body(status: Int, message: String) -> ByteBuffer {
        JSONWriter.object { write(status, message, &$0) }
    }

    /// Appends an error as the last words of a stream that broke.
    func appendLast(status: Int, message: String, to output: ByteBuffer) {
        output.append(lead)
        output.append(JSONWriter.object { writeLast(status, message, &$0) })
        output.append(end)
    }
}
