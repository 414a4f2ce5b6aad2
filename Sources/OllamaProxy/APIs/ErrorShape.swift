/// How the errors of an API look, so that each client finds the reason where it looks for one.
package struct ErrorShape: Sendable {
    /// Writes the body of an error reply.
    private let write: @Sendable (_ status: Int, _ message: String, _ body: inout JSONWriter) -> Void
    /// What stands before and behind an error that is the last word of a stream.
    private let lead: StaticString
    private let end: StaticString
    /// Writes the same for the last word of a stream, where that looks otherwise.
    private let writeLast: @Sendable (_ status: Int, _ message: String, _ body: inout JSONWriter) -> Void

    /// - Parameters:
    ///   - lead: what stands before an error that is the last word of a stream.
    ///   - end: what stands behind it.
    ///   - last: how that error looks, where it looks otherwise than one that is the whole reply.
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
