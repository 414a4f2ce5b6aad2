/// The latest requests that the upstream received, for tests to look at.
struct RequestLog {
    static let capacity = 10_000
    private static let bodyLimit = 64 * 1024

    private struct Entry {
        let method: String
        let path: String
        let headers: [String: String]
        let body: [UInt8]
        let bodyLength: Int
        let model: String?
    }

    private var entries: [Entry] = []
    /// Where the oldest entry is once the log is full.
    private var oldest = 0

    mutating func record(_ request: HTTPRequest, model: String?) {
        let entry = Entry(
            method: request.method, path: request.path, headers: request.headers,
            body: request.body.count > Self.bodyLimit ? Array(request.body.prefix(Self.bodyLimit)) : request.body,
            bodyLength: request.body.count, model: model)
        if entries.count < Self.capacity {
            entries.append(entry)
        } else {
            entries[oldest] = entry
            oldest = (oldest + 1) % Self.capacity
        }
    }

    mutating func removeAll() {
        entries = []
        oldest = 0
    }

    /// All entries as a JSON array, oldest first.
    var value: JSONValue {
        .array(
            (entries[oldest...] + entries[..<oldest]).map { entry in
                let headers = entry.headers.sorted { $0.key < $1.key }
                return [
                    "method": .string(entry.method), "path": .string(entry.path),
                    "headers": .object(headers.map { JSONValue.Member(name: $0.key, value: .string($0.value)) }),
                    "body": .string(String(decoding: entry.body, as: UTF8.self)),
                    "body_bytes": .int(entry.bodyLength),
                    "model": entry.model.map(JSONValue.string) ?? .null,
                ]
            })
    }
}
