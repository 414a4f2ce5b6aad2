// What requests of all APIs say in the same way about what a model must be able to do.

extension RequestNeeds {
    /// Notes a piece of the prompt that is no text. A file that a model cannot read is read for it by a service that costs
    /// money.
    mutating func addAttachment(_ value: Bytes, _ strings: LongStrings, as modality: Model.Modalities) {
        guard !value.equals("null") else { return }
        attachments += 1
        // A document that is called a picture is still a document.
        inputs.insert(modality == .image && Self.holdsDocument(value, strings) ? .file : modality)
    }

    /// Whether what is called a picture is something else: only `data:image/…` and addresses are pictures.
    private static func holdsDocument(_ part: Bytes, _ strings: LongStrings) -> Bool {
        var url: JSONText?
        var reader = JSONReader(part, strings)
        if part.first == UInt8(ascii: "\"") {
            url = try? reader.string()
        } else {
            try? reader.forEachFieldIfObject { key, reader throws(JSONError) in
                if key == "url" { url = try reader.stringIfAny() } else { try reader.skip() }
            }
        }
        guard let url else { return false }
        // The beginning of a picture is enough, which may be megabytes long; an address is short.
        let beginning = url.beginning(60).lowercased()
        if beginning.hasPrefix("data:") { return !beginning.hasPrefix("data:image/") }
        guard url.escaped.count < 10_000 else { return false }
        return url.string.lowercased().prefix { $0 != "?" && $0 != "#" }.hasSuffix(".pdf")
    }

    /// More than any model answers, and little enough to be added to.
    private static let mostAnswerTokens = 1 << 40

    /// Reads the longest answer that is asked for, which a model that never answers at such length rejects.
    mutating func readAnswerTokens(from reader: inout JSONReader) throws(JSONError) {
        guard let count = try reader.integerIfAny(), count > 0 else { return }
        answerTokens = max(answerTokens ?? 0, min(count, Self.mostAnswerTokens))
        answerTokensAreFixed = true
    }

    /// Reads a format by its `type`.
    mutating func readFormat(from reader: inout JSONReader) throws(JSONError) {
        var found = StructuredOutput.none
        try reader.forEachFieldIfObject { key, reader throws(JSONError) in
            guard key == "type", let type = try reader.stringIfAny() else { return try reader.skip() }
            if type == "json_schema" { found = .schema } else if type == "json_object" { found = .json }
        }
        structuredOutput = max(structuredOutput, found)
    }

    /// Notes the `tools` array that has been read.
    mutating func addTools(_ array: Bytes) {
        guard array.count > 2, !array.part(1..<array.count - 1).trimmed.isEmpty, array.first == UInt8(ascii: "[") else {
            return
        }
        usesTools = true
        addText(array)
    }
}
