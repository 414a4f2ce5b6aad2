import OllamaProxy

/// Lines and events read the slow way, straight from the definition of `text/event-stream`.
enum PlainReading {
    struct Event: Equatable {
        /// As the `event` field has it; empty when there is none.
        var name = ""
        var data = ""
    }

    static func lines(of bytes: Bytes) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var line: [UInt8] = []
        var previous: UInt8 = 0
        for byte in bytes {
            if byte == 0x0A, previous == 0x0D {
                // The second half of a line end.
            } else if byte == 0x0A || byte == 0x0D {
                lines.append(line)
                line = []
            } else {
                line.append(byte)
            }
            previous = byte
        }
        return line.isEmpty ? lines : lines + [line]
    }

    static func events(of bytes: Bytes) -> [Event] {
        var events: [Event] = []
        var name = ""
        var data: [[UInt8]] = []
        let dispatch = {
            if !data.isEmpty {
                events.append(
                    Event(name: name, data: String(decoding: Array(data.joined(separator: [0x0A])), as: UTF8.self)))
            }
            (name, data) = ("", [])
        }
        for (number, line) in lines(of: bytes).enumerated() {
            let line = number == 0 && line.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(line.dropFirst(3)) : line
            if line.isEmpty {
                dispatch()
                continue
            }
            let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.endIndex
            var value = line[min(colon + 1, line.endIndex)...]
            if value.first == 0x20 { value.removeFirst() }
            switch String(decoding: line[..<colon], as: UTF8.self) {
            case "data": data.append(Array(value))
            case "event": name = String(decoding: value, as: UTF8.self)
            default: break
            }
        }
        dispatch()
        return events
    }
}
