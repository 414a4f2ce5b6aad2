/// One reading of both clocks. The domain never asks for the time: whoever calls it says when it is.
package struct Moment: Equatable {
    /// Nanoseconds on a clock that never jumps; only differences mean anything.
    package var monotonic: Int64
    /// Nanoseconds since 1970-01-01 00:00 UTC.
    package var wall: Int64

    package init(monotonic: Int64, wall: Int64) {
        self.monotonic = monotonic
        self.wall = wall
    }

    /// Seconds since 1970-01-01 00:00 UTC.
    package var unixSeconds: Int64 { wall / 1_000_000_000 }
}

/// Lengths of time in nanoseconds, the unit of Ollama's durations.
package enum Nanoseconds {
    package static let perSecond: Int64 = 1_000_000_000
    package static let perMillisecond: Int64 = 1_000_000

    /// A length of time in seconds, rounded up.
    static func wholeSeconds(_ nanoseconds: Int64) -> Int64 { (nanoseconds + perSecond - 1) / perSecond }
}

/// Dates as RFC 3339 writes them, in UTC.
package enum Timestamp {
    /// Appends `2026-11-22T22:04:42.123456789Z` with as many fraction digits as asked for, 0 to 9.
    package static func append(wall nanoseconds: Int64, fractionDigits: Int, to output: ByteBuffer) {
        var text = DigitWriter()
        let seconds = nanoseconds / Nanoseconds.perSecond
        let (year, month, day) = civilDate(daysSince1970: seconds / 86_400)
        let secondOfDay = Int(seconds % 86_400)
        text.append(year, digits: 4)
        text.append(UInt8(ascii: "-"))
        text.append(month, digits: 2)
        text.append(UInt8(ascii: "-"))
        text.append(day, digits: 2)
        text.append(UInt8(ascii: "T"))
        text.append(secondOfDay / 3600, digits: 2)
        text.append(UInt8(ascii: ":"))
        text.append(secondOfDay / 60 % 60, digits: 2)
        text.append(UInt8(ascii: ":"))
        text.append(secondOfDay % 60, digits: 2)
        if fractionDigits > 0 {
            text.append(UInt8(ascii: "."))
            var fraction = Int(nanoseconds % Nanoseconds.perSecond)
            for _ in fractionDigits..<9 { fraction /= 10 }
            text.append(fraction, digits: fractionDigits)
        }
        text.append(UInt8(ascii: "Z"))
        text.move(to: output)
    }

    /// The date as text, to the second.
    package static func text(unixSeconds: Int64) -> String {
        let output = ByteBuffer(capacity: 24)
        // Beyond the year 2262 the nanoseconds do not fit, and whoever names such a date means milliseconds.
        let seconds = min(max(unixSeconds, 0), Int64.max / Nanoseconds.perSecond)
        append(wall: seconds * Nanoseconds.perSecond, fractionDigits: 0, to: output)
        return output.text
    }

    /// Gathers the text, so that it is appended at once: every line of every answer has one.
    private struct DigitWriter {
        private var bytes = InlineArray<32, UInt8>(repeating: 0)
        private var count = 0

        mutating func append(_ byte: UInt8) {
            bytes[count] = byte
            count += 1
        }

        mutating func append(_ value: Int, digits: Int) {
            var rest = UInt32(truncatingIfNeeded: value)
            for index in (count..<count + digits).reversed() {
                bytes[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            }
            count += digits
        }

        func move(to output: ByteBuffer) {
            bytes.span.withUnsafeBufferPointer { output.append($0.part(0..<count)) }
        }
    }

    /// The date in the Gregorian calendar. Counts in eras of 400 years that begin on 1 March, so that the leap day
    /// is the last day of its year.
    private static func civilDate(daysSince1970 days: Int64) -> (year: Int, month: Int, day: Int) {
        let daysSinceMarch0000 = Int(days) + 719_468
        let era = daysSinceMarch0000 / 146_097
        let dayOfEra = daysSinceMarch0000 % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month, day)
    }
}
