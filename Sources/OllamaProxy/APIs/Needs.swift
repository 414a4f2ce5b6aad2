// What requests of all APIs say in the same way about what a model must be able to do.

extension RequestNeeds {
    /// Reads the value of `messages`.
    mutating func readMessages(from reader: inout JSONReader) throws(JSONError) {
        try reader.forEachElementIfArray { reader throws(JSONError) in
            try reader.forEachFieldIfObject { key, reader throws(JSONError) in
                switch key {
                case "content":
                    if try reader.kind() == .array {
                        try readParts(from: &reader)
                    } else if let text = try reader.stringIfAny() {
                        addText(text)
                    }
                case "role": try reader.skip()
                default: addText(try reader.slice())
                }
            }
        }
    }

    /// Reads the parts of a message: text, and what is no text.
    mutating func readParts(from reader: inout JSONReader) throws(JSONError) {
        try reader.forEachElementIfArray { reader throws(JSONError) in
            try reader.forEachFieldIfObject { key, reader throws(JSONError) in
                if key == "text", try reader.kind() == .string { return addText(try reader.string()) }
                guard let row = Self.parts.first(where: { key == $0.key }) else { return try reader.skip() }
                attachments += 1
                // A document that is called a picture is still a document.
                let isDocument = Self.holdsDocument(try reader.slice())
                inputs.insert(row.modality == .image && isDocument ? .file : row.modality)
            }
        }
    }

    /// Whether what is called a picture is something else: only `data:image/…` and addresses are pictures.
    private static func holdsDocument(_ part: Bytes) -> Bool {
        var url: JSONText?
        var reader = JSONReader(part)
        if part.first == UInt8(ascii: "\"") {
            url = try? reader.string()
        } else {
            try? reader.forEachFieldIfObject { key, reader throws(JSONError) in
                if key == "url" { url = try reader.stringIfAny() } else { try reader.skip() }
            }
        }
        guard let url else { return false }
        // The beginning of a picture is enough, which may be megabytes long; an address is short.
        let start = JSONText(escaped: url.escaped.part(0..<min(60, url.escaped.count)), hasEscapes: false).string
        let beginning = url.hasEscapes ? String(url.string.prefix(60)).lowercased() : start.lowercased()
        if beginning.hasPrefix("data:") { return !beginning.hasPrefix("data:image/") }
        guard url.escaped.count < 10_000 else { return false }
        return url.string.lowercased().prefix { $0 != "?" && $0 != "#" }.hasSuffix(".pdf")
    }

    /// The fields that hold what is no text. A file that a model cannot read is read for it by a service that costs
    /// money.
    private static let parts: [(key: StaticString, modality: Model.Modalities)] = [
        ("image_url", .image), ("image", .image), ("input_audio", .audio), ("audio", .audio), ("file", .file),
        ("file_data", .file), ("file_url", .file), ("file_id", .file), ("video_url", .video), ("video", .video),
    ]

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
