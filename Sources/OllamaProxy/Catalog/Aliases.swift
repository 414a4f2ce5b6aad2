/// Names given to models with `/api/copy`.
package struct Aliases: Equatable {
    /// From the name, in lower case and with its tag, to the model's id.
    package private(set) var models: [String: String] = [:]
    /// More than anyone needs, and few enough for every list.
    package static let most = 1000

    package init() {}

    /// Reads the file that `text` makes; a line that cannot be read is left out.
    package init(_ bytes: Bytes) {
        for line in bytes.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) where models.count < Self.most {
            var alias = (name: "", model: "")
            var reader = JSONReader(Bytes(rebasing: line))
            try? reader.forEachField { key, reader throws(JSONError) in
                switch key {
                case "name": alias.name = try reader.stringIfAny()?.string ?? ""
                case "model": alias.model = try reader.stringIfAny()?.string ?? ""
                default: try reader.skip()
                }
            }
            if !alias.name.isEmpty, !alias.model.isEmpty { models[Self.normalized(alias.name)] = alias.model }
        }
    }

    /// One JSON object a line, in the order of the names.
    package var text: ByteBuffer {
        let output = ByteBuffer()
        for (name, model) in models.sorted(by: { $0.key < $1.key }) {
            output.append(
                JSONWriter.object { line in
                    line.field("name", name)
                    line.field("model", model)
                })
            output.append("\n")
        }
        return output
    }

    package mutating func add(_ name: String, for model: String) {
        models[Self.normalized(name)] = model
    }

    /// - Returns: whether there was one of that name.
    package mutating func remove(_ name: String) -> Bool {
        models.removeValue(forKey: Self.normalized(name)) != nil
    }

    /// As Ollama completes names: in any case, and with `:latest` where there is no tag.
    static func normalized(_ name: String) -> String { ModelNames.completed(ModelNames.comparable(name)) }
}
