/// Names that the configuration gives to models, each to one or to several in the order they are to be tried.
///
/// Written `name=model,model,name=model`: a piece with an equals sign begins a new name. In a file, so does a line, and
/// `#` begins a comment.
package struct ConfiguredAliases: Equatable {
    /// From the name, in lower case and with its tag, to the models as they were written.
    package private(set) var models: [String: [String]] = [:]

    package init() {}

    /// - Throws: `ConfiguredAliases.Mistake`, which says what is wrong and where.
    package init(text: String) throws(Mistake) {
        for line in text.split(whereSeparator: \.isNewline) {
            var name: String?
            for piece in line.prefix(while: { $0 != "#" }).split(whereSeparator: { $0 == "," || $0 == "|" }) {
                let piece = String(piece).trimmingSpaces
                guard !piece.isEmpty else { continue }
                guard let (before, after) = piece.cut(at: "=") else {
                    guard let name else { throw Mistake(piece: piece, reason: "names no alias; write name=model") }
                    models[name]?.append(piece)
                    continue
                }
                let alias = Aliases.normalized(String(before).trimmingSpaces)
                let model = String(after).trimmingSpaces
                guard !before.trimmingSpaces.isEmpty, !model.isEmpty else {
                    throw Mistake(piece: piece, reason: "lacks a name or a model; write name=model")
                }
                guard !Catalog.isBestName(alias) else {
                    throw Mistake(piece: piece, reason: "auto and free always mean the best model")
                }
                guard models[alias] == nil else { throw Mistake(piece: piece, reason: "gives the name a second time") }
                models[alias] = [model]
                name = alias
            }
        }
    }

    package struct Mistake: Error, Equatable {
        package let piece: String
        package let reason: String
    }
}

extension Substring {
    fileprivate var trimmingSpaces: String { String(self).trimmingSpaces }
}
