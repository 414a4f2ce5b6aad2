import OllamaProxy

/// A JSON text as a tree that keeps everything: the order of fields, fields that are given twice, numbers as written.
indirect enum JSONTree: Equatable {
    struct Field: Equatable {
        /// As UTF-8, because `String` takes different spellings of a character for the same.
        let key: [UInt8]
        let value: JSONTree
    }

    case object([Field])
    case array([JSONTree])
    case string([UInt8])
    case number([UInt8])
    case bool(Bool)
    case null

    /// nil when the text is not valid JSON.
    init?(_ bytes: Bytes) {
        var reader = JSONReader(bytes)
        guard let tree = try? JSONTree(from: &reader), (try? reader.end()) != nil else { return nil }
        self = tree
    }

    init?(_ buffer: ByteBuffer) {
        guard let tree = buffer.withBytes({ JSONTree($0) }) else { return nil }
        self = tree
    }

    private init(from reader: inout JSONReader) throws(JSONError) {
        switch try reader.kind() {
        case .object:
            var fields: [Field] = []
            try reader.forEachField { key, reader throws(JSONError) in
                fields.append(Field(key: Array(key.string.utf8), value: try JSONTree(from: &reader)))
            }
            self = .object(fields)
        case .array:
            var elements: [JSONTree] = []
            try reader.forEachElement { reader throws(JSONError) in elements.append(try JSONTree(from: &reader)) }
            self = .array(elements)
        case .string: self = .string(Array(try reader.string().string.utf8))
        case .number: self = .number(Array(try reader.number()))
        case .bool: self = .bool(try reader.bool())
        case .null:
            try reader.null()
            self = .null
        }
    }

    /// Writes the tree again.
    func write(to writer: inout JSONWriter) {
        switch self {
        case .object(let fields):
            writer.object { object in
                for field in fields {
                    object.key(String(decoding: field.key, as: UTF8.self))
                    field.value.write(to: &object)
                }
            }
        case .array(let elements):
            writer.array { array in
                for element in elements { element.write(to: &array) }
            }
        case .string(let text): writer.string(String(decoding: text, as: UTF8.self))
        case .number(let text): text.withUnsafeBufferPointer { writer.raw($0) }
        case .bool(let value): writer.bool(value)
        case .null: writer.null()
        }
    }

    /// All values under a key; none when this is no object.
    func values(of key: String) -> [JSONTree] {
        guard case .object(let fields) = self else { return [] }
        return fields.filter { $0.key == Array(key.utf8) }.map(\.value)
    }

    /// The last value under a key, which is the one that most readers take.
    subscript(key: String) -> JSONTree? { values(of: key).last }

    var keys: [String] {
        guard case .object(let fields) = self else { return [] }
        return fields.map { String(decoding: $0.key, as: UTF8.self) }
    }

    var elements: [JSONTree] {
        guard case .array(let elements) = self else { return [] }
        return elements
    }

    var text: String? {
        guard case .string(let text) = self else { return nil }
        return String(decoding: text, as: UTF8.self)
    }

    var isObject: Bool {
        guard case .object = self else { return false }
        return true
    }

    /// The same tree with another value for a field of the outermost object, wherever that is given.
    func replacing(_ key: String, by value: JSONTree) -> JSONTree {
        guard case .object(let fields) = self else { return self }
        return .object(fields.map { $0.key == Array(key.utf8) ? Field(key: $0.key, value: value) : $0 })
    }

    static func string(_ text: String) -> JSONTree { .string(Array(text.utf8)) }
}
