import Foundation
import OllamaProxy

/// Builds Foundation's tree of objects through the reader under test, so that both can be compared.
enum JSONTree {
    static func read(_ bytes: Bytes) throws -> Any {
        var reader = JSONReader(bytes)
        let value = try value(from: &reader)
        try reader.end()
        return value
    }

    private static func value(from reader: inout JSONReader) throws -> Any {
        switch try reader.kind() {
        case .object:
            var object: [String: Any] = [:]
            try reader.beginObject()
            while let key = try reader.nextKey() { object[key.string] = try value(from: &reader) }
            return object
        case .array:
            var array: [Any] = []
            try reader.beginArray()
            while try reader.nextElement() { array.append(try value(from: &reader)) }
            return array
        case .string: return try reader.string().string
        case .number:
            let text = try reader.number()
            if let integer = JSONNumber.integer(text) { return NSNumber(value: integer) }
            return NSNumber(value: JSONNumber.double(text) ?? .nan)
        case .bool: return NSNumber(value: try reader.bool())
        case .null:
            try reader.null()
            return NSNull()
        }
    }

    /// Whether two trees mean the same. Numbers are compared as such, however each side holds them.
    static func isEqual(_ first: Any, _ second: Any) -> Bool {
        switch (first, second) {
        case (let first as [String: Any], let second as [String: Any]):
            return first.count == second.count
                && first.allSatisfy { key, value in second[key].map { isEqual(value, $0) } ?? false }
        case (let first as [Any], let second as [Any]):
            return first.count == second.count && zip(first, second).allSatisfy { isEqual($0, $1) }
        case (let first as String, let second as String): return first == second
        case (is NSNull, is NSNull): return true
        case (let first as NSNumber, let second as NSNumber):
            // The reference keeps some numbers as decimals, which round in another place.
            let (first, second) = (first.doubleValue, second.doubleValue)
            return first == second || abs(first - second) <= abs(first) * 1e-12
        default: return false
        }
    }
}
