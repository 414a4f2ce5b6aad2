/// Writes Prometheus' text format, version 0.0.4.
/// https://prometheus.io/docs/instrumenting/exposition_formats/
struct MetricsText {
    enum Kind: String {
        case counter, gauge, histogram
    }

    typealias Labels = [(name: StaticString, value: String)]

    let output = ByteBuffer(capacity: 16 << 10)

    /// Says what the samples that follow are.
    func family(_ name: StaticString, _ kind: Kind, _ help: StaticString) {
        output.append("# HELP ")
        output.append(name)
        output.append(" ")
        output.append(help)
        output.append("\n# TYPE ")
        output.append(name)
        output.append(" ")
        output.append(kind.rawValue)
        output.append("\n")
    }

    func sample(_ name: StaticString, _ labels: Labels, _ value: Int) {
        sample(name, suffix: "", labels, value)
    }

    func sample(_ name: StaticString, _ labels: Labels, _ value: Double) {
        sample(name, suffix: "", labels, value)
    }

    /// A family of one sample.
    func single(_ name: StaticString, _ kind: Kind, _ help: StaticString, _ value: Int) {
        family(name, kind, help)
        sample(name, [], value)
    }

    func histogram(_ name: StaticString, _ help: StaticString, _ histogram: Histogram) {
        family(name, .histogram, help)
        var total = 0
        for (index, count) in histogram.counts.enumerated() {
            total += count
            let bound = index < histogram.bounds.count ? Self.text(histogram.bounds[index]) : "+Inf"
            sample(name, suffix: "_bucket", [("le", bound)], total)
        }
        sample(name, suffix: "_sum", [], histogram.sum)
        sample(name, suffix: "_count", [], total)
    }

    private func sample(_ name: StaticString, suffix: StaticString, _ labels: Labels, _ value: Int) {
        begin(name, suffix, labels)
        JSONWriter.appendDecimal(value, to: output)
        output.append("\n")
    }

    private func sample(_ name: StaticString, suffix: StaticString, _ labels: Labels, _ value: Double) {
        begin(name, suffix, labels)
        Decimals.append(value, digits: 6, to: output)
        output.append("\n")
    }

    private func begin(_ name: StaticString, _ suffix: StaticString, _ labels: Labels) {
        output.append(name)
        output.append(suffix)
        for (index, label) in labels.enumerated() {
            output.append(index == 0 ? "{" : ",")
            output.append(label.name)
            output.append("=\"")
            appendEscaped(label.value)
            output.append("\"")
        }
        output.append(labels.isEmpty ? " " : "} ")
    }

    private func appendEscaped(_ value: String) {
        for byte in value.utf8 {
            switch byte {
            case UInt8(ascii: "\\"): output.append("\\\\")
            case UInt8(ascii: "\""): output.append("\\\"")
            case 0x0A: output.append("\\n")
            default: output.append(byte)
            }
        }
    }

    private static func text(_ value: Double) -> String {
        let text = ByteBuffer(capacity: 16)
        Decimals.append(value, digits: 6, to: text)
        return text.text
    }
}
