/// One reading of both clocks. The domain never asks for the time: the caller passes it in.
package struct Moment: Equatable {
    package var monotonic: Instant
    package var wall: UnixTime

    package init(monotonic: Instant, wall: UnixTime) {
        self.monotonic = monotonic
        self.wall = wall
    }

    /// Both clocks so much later, the one on the wall not having been touched.
    package static func + (moment: Moment, span: Span) -> Moment {
        Moment(monotonic: moment.monotonic + span, wall: moment.wall + span)
    }
}

/// Dates as RFC 3339 writes them, in UTC.
package enum Timestamp {
    /// Appends `2026-11-22T22:04:42.123456789Z` with as many fraction digits as asked for, 0 to 9.
    package static func append(_ time: UnixTime, fractionDigits: Int, to output: ByteBuffer) {
        var text = DigitWriter()
        let seconds = time.seconds
        let (year, month, day) = civilDate(daysSince1970: time.day)
        let secondOfDay = seconds - time.day * 86_400
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
            let beyondSecond = Int(time.nanoseconds % 1_000_000_000)
            var fraction = beyondSecond < 0 ? beyondSecond + 1_000_000_000 : beyondSecond
            for _ in fractionDigits..<9 { fraction /= 10 }
            text.append(fraction, digits: fractionDigits)
        }
        text.append(UInt8(ascii: "Z"))
        text.move(to: output)
    }

    /// The date as text, to the second; none before 1970.
    package static func text(_ time: UnixTime) -> String {
        let output = ByteBuffer(capacity: 24)
        append(max(time, .epoch), fractionDigits: 0, to: output)
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
    private static func civilDate(daysSince1970 days: Int) -> (year: Int, month: Int, day: Int) {
        let daysSinceMarch0000 = days + 719_468
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
