import Glibc
import OllamaProxy

/// What a field of a log line can hold.
package protocol LogValue {
    /// As written after `name=`.
    func append(to line: ByteBuffer)
    /// As JSON.
    func appendJSON(to line: ByteBuffer)
}

extension String: LogValue {
    /// Some values come from clients, who may name a model by a megabyte.
    private static let longest = 1000

    private var shortened: String {
        utf8.count <= Self.longest ? self : String(decoding: utf8.prefix(Self.longest - 20), as: UTF8.self) + "…"
    }

    package func append(to line: ByteBuffer) {
        var text = shortened
        let isPlain = text.withUTF8 { bytes in
            !bytes.isEmpty && bytes.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x3D && $0 < 0x7F }
        }
        if isPlain { line.append(text) } else { JSONWriter.appendQuoted(text, to: line) }
    }

    package func appendJSON(to line: ByteBuffer) {
        JSONWriter.appendQuoted(shortened, to: line)
    }
}

extension Int: LogValue {
    package func append(to line: ByteBuffer) {
        JSONWriter.appendDecimal(self, to: line)
    }

    package func appendJSON(to line: ByteBuffer) {
        append(to: line)
    }
}

extension Bool: LogValue {
    package func append(to line: ByteBuffer) {
        line.append(self ? "true" : "false")
    }

    package func appendJSON(to line: ByteBuffer) {
        append(to: line)
    }
}

/// Writes one structured line for each event to standard error: logfmt, or JSON.
package struct Log {
    package typealias Level = LogSettings.Level
    package typealias Format = LogSettings.Format
    /// A field whose value is nil is left out.
    package typealias Fields = KeyValuePairs<StaticString, (any LogValue)?>

    private let threshold: Level
    private let format: Format
    /// What must never appear in a line, whatever an error message contains.
    private let secret: Secret
    /// Whether systemd's journal reads the lines, which takes their level from a number before them.
    private let isJournal: Bool
    private let sink: LogSink

    package init(threshold: Level, format: Format = .text, secret: Secret) {
        self.threshold = threshold
        self.format = format
        self.secret = secret
        isJournal = Self.standardErrorIsJournal
        sink = LogSink()
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
        write(level, event) { line in
            for (name, value) in fields() {
                if let value { line.field(name, value) }
            }
        }
    }

    /// Writes a line whose fields are written one after another: what is logged for each request is not gathered first.
    package func write(_ level: Level, _ event: StaticString, fields: (Line) -> Void) {
        guard level.rawValue >= threshold.rawValue else { return }
        sink.write(secret.removed(from: line(level, event, fields))) { count in
            line(.warn, "log_lines_lost") { $0.field("lines", count) }
        }
    }

    private func line(_ level: Level, _ event: StaticString, _ fields: (Line) -> Void) -> ByteBuffer {
        let text = ByteBuffer(capacity: 512)
        if isJournal { text.append(level.journalPrefix) }
        let line = Line(text: text, format: format)
        line.begin(level, event)
        fields(line)
        line.end()
        return text
    }

    /// A line as it is written.
    package struct Line {
        fileprivate let text: ByteBuffer
        fileprivate let format: Format

        fileprivate func begin(_ level: Level, _ event: StaticString) {
            let isJSON = format == .json
            text.append(isJSON ? "{\"time\":\"" : "time=")
            Timestamp.append(Clock.now().wall, fractionDigits: 3, to: text)
            text.append(isJSON ? "\",\"level\":\"" : " level=")
            text.append(level.name)
            text.append(isJSON ? "\",\"event\":\"" : " event=")
            text.append(event)
            if isJSON { text.append("\"") }
        }

        /// Left out when `value` is nil.
        package func field(_ name: StaticString, _ value: (some LogValue)?) {
            guard let value else { return }
            switch format {
            case .text:
                text.append(" ")
                text.append(name)
                text.append("=")
                value.append(to: text)
            case .json:
                text.append(",\"")
                text.append(name)
                text.append("\":")
                value.appendJSON(to: text)
            }
        }

        fileprivate func end() { text.append(format == .json ? "}\n" : "\n") }
    }

    /// systemd names the journal's end in `JOURNAL_STREAM`, as device and inode: systemd.exec(5).
    private static var standardErrorIsJournal: Bool {
        guard let named = getenv("JOURNAL_STREAM") else { return false }
        var status = stat()
        return fstat(2, &status) == 0 && String(cString: named) == "\(status.st_dev):\(status.st_ino)"
    }
}

extension LogSettings.Level {
    /// As sd-daemon(3) has it.
    fileprivate var journalPrefix: StaticString {
        switch self {
        case .debug: "<7>"
        case .info: "<6>"
        case .warn: "<4>"
        case .error: "<3>"
        }
    }
}
