/// A length of time for people: "3 h 20 min", "45 s".
package enum DurationText {
    package static func of(_ span: Span) -> String {
        let seconds = max(1, span.secondsRoundedUp)
        if seconds < 120 { return "\(seconds) s" }
        let minutes = (seconds + 59) / 60
        return minutes < 120 ? "\(minutes) min" : "\(minutes / 60) h \(minutes % 60) min"
    }
}
