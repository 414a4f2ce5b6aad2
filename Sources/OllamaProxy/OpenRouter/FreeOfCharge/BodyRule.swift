/// What may stand in one place of a body that is forwarded, and what it tells of the model that is needed. One walk over
/// the body goes by these rules for both, so that what is let through and what is asked of a model cannot differ.
///
/// A class: an enum that holds itself keeps marks in its pointers, which leak checkers do not follow.
final class BodyRule: Sendable {
    enum Kind {
        case anything, prompt, promptOr, oneOf, list, object, typed, attachment, tools, toolChoice, plugins
    }

    let kind: Kind
    /// The words of `oneOf`.
    let words: [StaticString]
    /// The rule for elements, or for what stands in place of a text.
    let inner: BodyRule?
    /// The fields of `object`.
    let fields: FieldRules?
    /// The objects of `typed`.
    let types: [(type: StaticString, fields: FieldRules)]
    /// What an attachment is.
    let modality: Model.Modalities

    private init(
        _ kind: Kind, words: [StaticString] = [], inner: BodyRule? = nil, fields: FieldRules? = nil,
        types: [(type: StaticString, fields: FieldRules)] = [], modality: Model.Modalities = .text
    ) {
        self.kind = kind
        self.words = words
        self.inner = inner
        self.fields = fields
        self.types = types
        self.modality = modality
    }

    /// Any value: none costs money or says anything of the model.
    static let anything = BodyRule(.anything)
    /// Any value, which is part of the prompt.
    static let prompt = BodyRule(.prompt)
    /// A text of the prompt, or a list.
    static func promptOr(_ list: BodyRule) -> BodyRule { BodyRule(.promptOr, inner: list) }
    /// One of these texts; all others may stand for a service of the upstream's.
    static func oneOf(_ words: [StaticString]) -> BodyRule { BodyRule(.oneOf, words: words) }
    /// Elements, each of which follows one rule.
    static func list(_ element: BodyRule) -> BodyRule { BodyRule(.list, inner: element) }
    /// An object with these fields and no others.
    static func object(_ fields: FieldRules) -> BodyRule { BodyRule(.object, fields: fields) }
    /// An object whose `type` decides.
    static func typed(_ types: [(type: StaticString, fields: FieldRules)]) -> BodyRule {
        BodyRule(.typed, types: types)
    }
    /// A picture, a file or another thing that is not text, which not every model takes.
    static func attachment(_ modality: Model.Modalities) -> BodyRule { BodyRule(.attachment, modality: modality) }
    /// Tools, of which some are the client's to run and others the upstream's, for money.
    static let tools = BodyRule(.tools)
    /// Which of them is to be used.
    static let toolChoice = BodyRule(.toolChoice)
    /// The upstream's plugins, of which a few cost nothing.
    static let plugins = BodyRule(.plugins)
}

/// What becomes of one field.
enum FieldTreatment: Sendable {
    /// It costs nothing, as long as its value follows the rule.
    case free(BodyRule)
    /// It costs nothing, and the dialect's own reader finds in it what is asked of a model.
    case need
    /// It is not sent upstream: it names other models or dearer ways to the same, or means nothing there. Clients send it
    /// unasked and do without.
    case leftOut
    /// It asks for a service that has a price; nothing but null and what is empty is let through.
    case refused(because: StaticString)
    /// The reader of forwarded requests looks at it itself.
    case own
}

/// The fields of an object. One that is not among them is refused: what the upstream adds tomorrow may cost money.
final class FieldRules: Sendable {
    struct Field: Sendable {
        let name: StaticString
        let treatment: FieldTreatment
    }

    let fields: [Field]

    /// - Parameters:
    ///   - free: those that cost nothing whatever they hold.
    ///   - needs: those that the dialect's reader finds something in.
    ///   - rules: those whose values follow a rule.
    ///   - own: those that the reader of forwarded requests looks at itself.
    ///   - leftOut: those that are not sent upstream.
    ///   - refused: those that cost money, with the reason.
    init(
        free: [StaticString] = [], needs: [StaticString] = [], rules: [(StaticString, BodyRule)] = [],
        own: [StaticString] = [], leftOut: [StaticString] = [], refused: [(StaticString, StaticString)] = []
    ) {
        fields =
            own.map { Field(name: $0, treatment: .own) } + rules.map { Field(name: $0, treatment: .free($1)) }
            + needs.map { Field(name: $0, treatment: .need) }
            + free.map { Field(name: $0, treatment: .free(.anything)) }
            + leftOut.map { Field(name: $0, treatment: .leftOut) }
            + refused.map { Field(name: $0, treatment: .refused(because: $1)) }
    }

    /// nil for a field that is not known.
    func place(of key: JSONText) -> Int? {
        fields.firstIndex { key == $0.name }
    }
}

/// All that is known to be free of charge in the requests of one API.
package struct FreeOfCharge: Sendable {
    let fields: FieldRules
    /// For the value of the field that holds the prompt.
    let prompt: BodyRule
    let tools: ToolTypes
}

/// Which tools of an API are the client's to run. All others the upstream runs itself, for money.
struct ToolTypes: Sendable {
    let types: [StaticString]
    /// Beginnings of further types: Anthropic's names for what a client runs carry the date of their version.
    var prefixes: [StaticString] = []
    /// Whether a tool that names no type is the upstream's.
    var needsType = false
    /// Whether agents list the upstream's tools beside their own without meaning to use them. They are left out then.
    var areListedUnasked = false

    func includes(_ type: JSONText?) -> Bool {
        guard let type else { return !needsType }
        return types.contains { type == $0 } || prefixes.contains { type.beginning(50).hasPrefix($0.description) }
    }
}
