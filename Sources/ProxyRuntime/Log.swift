import Glibc
import OllamaProxy

/// Writes one structured line (logfmt) for each event to standard error.
package struct Log {
    package typealias Level = Configuration.LogLevel

    private let threshold: Level
    /// What must never appear in a line, whatever an error message contains.
    private let secret: String

    package init(threshold: Level, secret: String) {
        self.threshold = threshold
        self.secret = secret
    }

    package func debug(_ event: StaticString, _ fields: KeyValuePairs<StaticString, Any?> = [:]) {
        write(.debug, event, fields)
    }

    package func info(_ event: StaticString, _ fields: KeyValuePairs<StaticString, Any?> = [:]) {
        write(.info, event, fields)
    }

    package func warn(_ event: StaticString, _ fields: KeyValuePairs<StaticString, Any?> = [:]) {
        write(.warn, event, fields)
    }

    package func error(_ event: StaticString, _ fields: KeyValuePairs<StaticString, Any?> = [:]) {
        write(.error, event, fields)
    }

    /// A field whose value is nil is left out.
    private func write(_ level: Level, _ event: StaticString, _ fields: KeyValuePairs<StaticString, Any?>) {
        guard level.rawValue >= threshold.rawValue else { return }
        let line = ByteBuffer(capacity: 256)
        line.append("time=")
        Timestamp.append(wall: Clock.now().wall, fractionDigits: 3, to: line)
        line.append(" level=\(level.name) event=\(event)")
        for (name, value) in fields {
            guard let value else { continue }
            line.append(" \(name)=")
            append(redacted("\(value)"), to: line)
        }
        line.append("\n")
        // One write for one line: lines of several processes do not mix.
        line.withBytes { bytes in _ = Glibc.write(2, bytes.baseAddress, bytes.count) }
    }

    private func append(_ value: String, to line: ByteBuffer) {
        let isPlain = !value.isEmpty && value.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x3D && $0 < 0x7F }
        if isPlain { line.append(value) } else { JSONWriter.appendQuoted(value, to: line) }
    }

    private func redacted(_ value: String) -> String {
        guard secret.utf8.count >= 4, let (before, after) = value.cut(at: secret) else { return value }
        return before + "[key]" + redacted(String(after))
    }
}
