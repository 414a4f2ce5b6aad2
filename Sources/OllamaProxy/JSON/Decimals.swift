/// Numbers with decimals, as JSON and metrics write them. The standard library's own description would do, but tells
/// more digits than anybody measured.
enum Decimals {
    /// Appends the value rounded to so many decimals, without zeros at the end.
    /// - Parameters:
    ///   - value: finite; what makes more than nine quintillion of the smallest decimal is cut there.
    ///   - digits: 0 to 9.
    static func append(_ value: Double, digits: Int, to output: ByteBuffer) {
        var unit = 1
        for _ in 0..<digits { unit *= 10 }
        let scaled = (value.magnitude * Double(unit)).rounded()
        let units = scaled < 9e18 ? Int(scaled) : 9_000_000_000_000_000_000
        if value < 0, units > 0 { output.append("-") }
        JSONWriter.appendDecimal(units / unit, to: output)
        var rest = units % unit
        guard rest > 0 else { return }
        output.append(".")
        while rest > 0 {
            unit /= 10
            output.append(UInt8(ascii: "0") + UInt8(rest / unit))
            rest %= unit
        }
    }
}
