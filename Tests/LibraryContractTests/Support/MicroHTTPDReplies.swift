import CMicroHTTPD

/// What a content reader did with the buffer that libmicrohttpd offered it.
enum Content {
    case bytes(String)
    case nothingYet
    case endOfStream
    case endWithError
}

extension MicroHTTPDServer {
    /// The answer of `MHD_queue_response`.
    @discardableResult
    func queue(_ text: String, on connection: OpaquePointer, status: UInt32 = 200) -> MHD_Result {
        var bytes = Array(text.utf8)
        let response = MHD_create_response_from_buffer(bytes.count, &bytes, .RESPMEM_MUST_COPY)
        defer { MHD_destroy_response(response) }
        return MHD_queue_response(connection, status, response)
    }

    @discardableResult
    func queueStream(on connection: OpaquePointer, reader: @escaping () -> Content) -> MHD_Result {
        let context = Unmanaged.passRetained(ContentReader(server: self, next: reader)).toOpaque()
        let response = MHD_create_response_from_callback(
            cmhd_size_unknown, 1024,
            { context, _, buffer, limit in
                let reader = Unmanaged<ContentReader>.fromOpaque(context!).takeUnretainedValue()
                return reader.fill(UnsafeMutableRawBufferPointer(start: buffer, count: limit))
            }, context,
            { context in
                let reader = Unmanaged<ContentReader>.fromOpaque(context!).takeRetainedValue()
                reader.server.record(.contentReaderFreed)
            })
        defer { MHD_destroy_response(response) }
        return MHD_queue_response(connection, 200, response)
    }
}

private final class ContentReader {
    unowned let server: MicroHTTPDServer
    private let next: () -> Content

    init(server: MicroHTTPDServer, next: @escaping () -> Content) {
        self.server = server
        self.next = next
    }

    func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        switch server.isStopping ? .endWithError : next() {
        case .bytes(let text):
            precondition(text.utf8.count <= buffer.count, "the test offers more than one buffer")
            buffer.copyBytes(from: text.utf8)
            return text.utf8.count
        case .nothingYet: return 0
        case .endOfStream: return MHD_CONTENT_READER_END_OF_STREAM
        case .endWithError: return MHD_CONTENT_READER_END_WITH_ERROR
        }
    }
}
