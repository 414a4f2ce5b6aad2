// Small readings of values that several formats share, lenient where real senders vary.

extension JSONReader {
    /// Calls `field` for each key of the object that comes next; `field` reads or skips the value.
    package mutating func forEachField(
        _ field: (_ key: JSONText, _ reader: inout JSONReader) throws(JSONError) -> Void
    ) throws(JSONError) {
        try beginObject()
        while let key = try nextKey() { try field(key, &self) }
    }

    /// Calls `element` for each element of the array that comes next; `element` reads or skips it.
    /// - Parameter limit: how many elements to accept. What is kept of an element is larger than the two bytes that a
    ///   sender needs for one.
    package mutating func forEachElement(
        atMost limit: Int = .max, _ element: (_ reader: inout JSONReader) throws(JSONError) -> Void
    ) throws(JSONError) {
        try beginArray()
        var count = 0
        while try nextElement() {
            count += 1
            guard count <= limit else { throw JSONError(reason: .tooMany(limit: limit), offset: offset) }
            try element(&self)
        }
    }

    /// The truth value that comes next, or nil for null.
    package mutating func boolOrNull() throws(JSONError) -> Bool? {
        guard try kind() != .null else {
            try null()
            return nil
        }
        return try bool()
    }

    /// The array of strings that comes next; empty for null.
    package mutating func stringsOrNull(atMost limit: Int) throws(JSONError) -> [JSONText] {
        var strings: [JSONText] = []
        guard try kind() != .null else {
            try null()
            return strings
        }
        try forEachElement(atMost: limit) { reader throws(JSONError) in strings.append(try reader.string()) }
        return strings
    }

    /// The next value if it is a string, nil for anything else, which is skipped.
    package mutating func stringIfAny() throws(JSONError) -> JSONText? {
        guard try kind() == .string else {
            try skip()
            return nil
        }
        return try string()
    }

    /// The text of the next value if it is an array, nil for anything else, which is skipped.
    package mutating func arrayIfAny() throws(JSONError) -> Bytes? {
        guard try kind() == .array else {
            try skip()
            return nil
        }
        return try slice()
    }

    /// The next value if it is a whole number or a string that holds one, nil for anything else.
    package mutating func integerIfAny() throws(JSONError) -> Int? {
        switch try kind() {
        case .number: return JSONNumber.integer(try number())
        case .string: return Int(try string().string)
        default:
            try skip()
            return nil
        }
    }

    /// The same, as so many seconds.
    package mutating func secondsIfAny() throws(JSONError) -> Span? {
        try integerIfAny().map { .seconds($0) }
    }

    /// The same, as so many seconds since 1970.
    package mutating func unixTimeIfAny() throws(JSONError) -> UnixTime? {
        try integerIfAny().map { UnixTime(seconds: $0) }
    }

    /// The next value if it is true or false, nil for anything else.
    package mutating func boolIfAny() throws(JSONError) -> Bool? {
        guard try kind() == .bool else {
            try skip()
            return nil
        }
        return try bool()
    }

    /// The string under one key of the object that comes next, nil when there is none; anything else is skipped.
    package mutating func stringField(_ wanted: StaticString) throws(JSONError) -> JSONText? {
        var found: JSONText?
        try forEachFieldIfObject { key, reader throws(JSONError) in
            if key == wanted { found = try reader.stringIfAny() } else { try reader.skip() }
        }
        return found
    }

    /// Calls `field` for each key if an object comes next; anything else is skipped.
    package mutating func forEachFieldIfObject(
        _ field: (_ key: JSONText, _ reader: inout JSONReader) throws(JSONError) -> Void
    ) throws(JSONError) {
        guard try kind() == .object else { return try skip() }
        try forEachField(field)
    }

    /// Calls `element` for each element if an array comes next; anything else is skipped.
    package mutating func forEachElementIfArray(
        atMost limit: Int = .max, _ element: (_ reader: inout JSONReader) throws(JSONError) -> Void
    ) throws(JSONError) {
        guard try kind() == .array else { return try skip() }
        try forEachElement(atMost: limit, element)
    }

    /// Whether the bytes are one valid JSON text.
    package static func check(_ bytes: Bytes) throws(JSONError) {
        var reader = JSONReader(bytes)
        try reader.skip()
        try reader.end()
    }
}

/// Readings of a number's text.
package enum JSONNumber {
    /// The number as an integer, also when it is written `1.0` or `1e3`; nil when it is none or too large.
    package static func integer(_ text: Bytes) -> Int? {
        if let value = Int(text.text) { return value }
        guard let value = Double(text.text) else { return nil }
        return Int(exactly: value)
    }

    package static func double(_ text: Bytes) -> Double? {
        Double(text.text)
    }
}
