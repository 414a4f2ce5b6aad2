/// Makes the events of an attempt that takes an answer up look like those of the attempt that began it.
enum AnswerIdentity {
    /// The `id` of an event as it is, quotes included; nil when there is none.
    static func identifier(of data: Bytes) -> ByteBuffer? {
        var found: ByteBuffer?
        var reader = JSONReader(data)
        try? reader.forEachField { key, reader throws(JSONError) in
            let value = try reader.slice()
            if key == "id", found == nil, value.first == UInt8(ascii: "\"") { found = ByteBuffer(copying: value) }
        }
        return found
    }

    /// The event with the answer's own `id`, and with the usage of all attempts.
    static func rewritten(_ data: Bytes, identifier: ByteBuffer?, earlierUsage: AnswerEvent.Usage) -> ByteBuffer {
        let output = ByteBuffer(capacity: data.count + 64)
        var copied = 0
        var reader = JSONReader(data)
        // The event was read before, so nothing is thrown here.
        try? reader.forEachField { key, reader throws(JSONError) in
            switch key {
            case "id":
                let value = try reader.slice()
                guard let identifier else { return }
                replace(reader.offset - value.count..<reader.offset, in: data, copied: &copied, output) {
                    output.append(identifier)
                }
            case "usage":
                try reader.forEachFieldIfObject { key, reader throws(JSONError) in
                    guard let earlier = count(key, in: earlierUsage), try reader.kind() == .number else {
                        return try reader.skip()
                    }
                    let number = try reader.number()
                    let value = JSONNumber.integer(number) ?? 0
                    replace(reader.offset - number.count..<reader.offset, in: data, copied: &copied, output) {
                        JSONWriter.appendDecimal(value &+ earlier, to: output)
                    }
                }
            default: try reader.skip()
            }
        }
        output.append(data.part(copied..<data.count))
        return output
    }

    private static func count(_ key: JSONText, in usage: AnswerEvent.Usage) -> Int? {
        switch key {
        case "prompt_tokens": usage.promptTokens
        case "completion_tokens": usage.completionTokens
        case "total_tokens": usage.promptTokens &+ usage.completionTokens
        default: nil
        }
    }

    private static func replace(
        _ range: Range<Int>, in data: Bytes, copied: inout Int, _ output: ByteBuffer, with append: () -> Void
    ) {
        output.append(data.part(copied..<range.lowerBound))
        append()
        copied = range.upperBound
    }
}
