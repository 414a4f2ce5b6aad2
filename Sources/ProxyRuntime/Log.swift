import Glibc
import OllamaProxy

/// What a field of a log line can hold.
package protocol LogValue {
    func append(to line: ByteBuffer)
}

extension String: LogValue {
    /// Some values come from clients, who may name a model by a megabyte.
    private static let longest = 1000

    package func append(to line: ByteBuffer) {
        guard utf8.count <= Self.longest else {
            return (String(decoding: utf8.prefix(Self.longest - 20), as: UTF8.self) + "…").append(to: line)
        }
        let isPlain = !isEmpty && utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x3D && $0 < 0x7F }
        if isPlain { line.append(self) } else { JSONWriter.appendQuoted(self, to: line) }
    }
}

extension Int: LogValue {
    package func append(to line: ByteBuffer) {
        JSONWriter.appendDecimal(self, to: line)
    }
}

extension Bool: LogValue {
    package func append(to line: ByteBuffer) {
        line.append(self ? "true" : "false")
    }
}

/// Writes one structured line (logfmt) for each event to standard error.
package struct Log {
    package typealias Level = Configuration.LogLevel
    /// A field whose value is nil is left out.
    package typealias Fields = KeyValuePairs<StaticString, (any LogValue)?>

    private let threshold: Level
    /// What must never appear in a line, whatever an error message contains.
    private let secret: Secret

    package init(threshold: Level, secret: Secret) {
        self.threshold = threshold
        self.secret = secret
    }

    package func debug(_ event: StaticString, _ fields: @autoclosure () -> Fields = [:]) {
        write(.debug, event, fields)
    }

    package func info(_ event: StaticString, _ fields: @autoclosure () -> Fields = [:]) {
        write(.info, event, fields)
    }

    package func warn(_ event: StaticString, _ fields: @autoclosure () -> Fields = [:]) {
        write(.warn, event, fields)
    }

    package func error(_ event: StaticString, _ fields: @autoclosure () -> Fields = [:]) {
        write(.error, event, fields)
    }

    private func write(_ level: Level, _ event: StaticString, _ fields: () -> Fields) {
        guard level.rawValue >= threshold.rawValue else { return }
        let line = ByteBuffer(capacity: 512)
        line.append("time=")
        Timestamp.append(wall: Clock.now().wall, fractionDigits: 3, to: line)
        line.append(" level=")
        line.append(level.name)
        line.append(" event=")
        line.append(event)
        for (name, value) in fields() {
            guard let value else { continue }
            line.append(" ")
            line.append(name)
            line.append("=")
            value.append(to: line)
        }
        line.append("\n")
        // One write for one line: lines of several processes do not mix.
        secret.removed(from: line).withBytes { bytes in _ = Glibc.write(2, bytes.baseAddress, bytes.count) }
    }
}
