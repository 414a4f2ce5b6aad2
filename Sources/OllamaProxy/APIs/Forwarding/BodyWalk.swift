/// Goes once through a body, or a part of one, by the rules of what is free of charge: refuses what may cost money, notes what
/// is to be left out, and finds what is asked of a model.
struct BodyWalk {
    /// What becomes of what the rules do not let through.
    enum Policy {
        /// Money is the client's to spend: all of it is sent on.
        case open
        /// It is refused.
        case guarded
        /// A new body is written: unknown fields are dropped, as Ollama drops them. What asks for a service is refused
        /// where money is guarded.
        case translated(isGuarded: Bool)

        var isGuarded: Bool {
            switch self {
            case .open: false
            case .guarded, .translated(isGuarded: true): true
            case .translated(isGuarded: false): false
            }
        }
    }

    /// More than any request of a client needs; each takes memory.
    private static let mostEdits = 50_000

    static let mostToolLevels = 3
    /// What is compared of a tool's name, in characters.
    static let longestToolName = 200

    enum Step {
        case field(JSONText)
        case element(Int)
    }

    let policy: Policy
    let strings: LongStrings
    let tools: ToolTypes
    var needs = RequestNeeds()
    var edits: [ForwardingEdit] = []
    /// Types and names of the tools that are left out.
    var removedTools: Set<String> = []
    /// How many lists of tools lie around the one that is read.
    var toolLevel = 0
    var toolChoice: (value: Bytes, path: String)?
    var path: [Step] = []
    /// Where the path begins.
    var name = ""

    /// - Parameter strings: the body's long strings, as far as they are known.
    init(_ policy: Policy, _ strings: LongStrings = .none, tools: ToolTypes) {
        self.policy = policy
        self.strings = strings
        self.tools = tools
    }

    mutating func add(_ edit: ForwardingEdit) {
        edits.append(edit)
    }

    /// Reads the object that comes next.
    /// - Parameters:
    ///   - readNeed: reads a field that tells what a model must be able to do.
    ///   - readOwn: reads a field that is the caller's, and returns whether it is left out.
    /// - Throws: `RequestError`, status 400, or `JSONError`.
    mutating func object(
        _ rules: FieldRules, _ reader: inout JSONReader,
        readNeed: (JSONText, inout RequestNeeds, inout JSONReader) throws -> Void = { try $2.skip() },
        readOwn: (JSONText, inout BodyWalk, inout JSONReader) throws -> Bool = {
            try $2.skip()
            return false
        }
    ) throws {
        var cuts = FieldCuts()
        try reader.beginObject()
        while let key = try reader.nextKey() {
            // The key's bytes end one quote before the reader passed the colon.
            cuts.begin(key, in: &edits, reader)
            var isLeftOut = false
            if let place = rules.place(of: key) {
                path.append(.field(key))
                switch rules.fields[place].treatment {
                case .free(let rule): try value(rule, &reader)
                case .need: try readNeed(key, &needs, &reader)
                case .leftOut:
                    isLeftOut = leavesOut
                    try reader.skip()
                case .refused(let reason): isLeftOut = try refuse(reason, &reader)
                case .own: isLeftOut = try readOwn(key, &self, &reader)
                }
                path.removeLast()
            } else {
                switch policy {
                case .open: try reader.skip()
                case .guarded: throw refusal(at: key, "is not known to be free of charge")
                case .translated:
                    isLeftOut = true
                    try reader.skip()
                }
            }
            cuts.end(at: reader.offset, removing: isLeftOut)
            guard edits.count < Self.mostEdits else { throw refusal(at: key, "one field too many has to be left out") }
        }
        cuts.finish(in: &edits)
    }

    /// Whether fields that mean nothing upstream, or name other models, are left out.
    private var leavesOut: Bool {
        if case .open = policy { false } else { true }
    }

    // MARK: Values

    /// Reads a part of a body that was cut out of it.
    /// - Parameter name: where it stood.
    /// - Throws: `RequestError`, status 400.
    mutating func part(_ part: Bytes, _ rule: BodyRule, named name: String) throws(RequestError) {
        self.name = name
        do {
            var reader = JSONReader(part, strings)
            try value(rule, &reader)
        } catch let error as RequestError {
            throw error
        } catch {
            throw .badRequest("\(name): \(error)")
        }
    }

    /// Reads the value that comes next.
    mutating func value(_ rule: BodyRule, _ reader: inout JSONReader) throws {
        switch rule.kind {
        case .anything: try reader.skip()
        case .prompt: try prompt(&reader)
        case .promptOr:
            if try reader.kind() == .array { try value(rule.inner!, &reader) } else { try prompt(&reader) }
        case .oneOf: try word(of: rule.words, &reader)
        case .list: try list(of: rule.inner!, &reader)
        case .object:
            guard try isObject(&reader) else { return try reader.skip() }
            try object(rule.fields!, &reader)
        case .typed:
            guard try isObject(&reader) else { return try prompt(&reader) }
            try typedObject(rule.types, &reader)
        case .attachment:
            needs.addAttachment(try reader.slice(), strings, as: rule.modality)
        case .tools: try toolList(&reader)
        case .toolChoice: toolChoice = (try reader.slice(), pathText)
        case .plugins: try plugins(&reader)
        }
    }

    private mutating func prompt(_ reader: inout JSONReader) throws {
        switch try reader.kind() {
        case .string: needs.addText(try reader.string())
        case .null: try reader.null()
        default: needs.addText(try reader.slice())
        }
    }

    private mutating func list(of element: BodyRule, _ reader: inout JSONReader) throws {
        guard try reader.kind() == .array else {
            guard policy.isGuarded, try reader.kind() != .null else { return try reader.skip() }
            throw refusal("must be an array")
        }
        var index = 0
        try reader.beginArray()
        while try reader.nextElement() {
            path.append(.element(index))
            try value(element, &reader)
            path.removeLast()
            index += 1
        }
    }

    /// Whether an object comes next. Where money is guarded nothing else may stand in its place: an array in an array is read
    /// in ways that nobody has described.
    private func isObject(_ reader: inout JSONReader) throws -> Bool {
        let kind = try reader.kind()
        guard kind != .object else { return true }
        guard !policy.isGuarded else { throw refusal("must be an object") }
        return false
    }

    private mutating func word(of words: [StaticString], _ reader: inout JSONReader) throws {
        guard policy.isGuarded else { return try reader.skip() }
        switch try reader.kind() {
        case .null: try reader.null()
        case .string:
            let text = try reader.string()
            guard words.contains(where: { text == $0 }) else {
                throw refusal("\"\(text.beginning(50))\" is not known to be free of charge")
            }
        default: throw refusal("must be a text")
        }
    }

    /// The rules go by the object's type, which may stand behind all that it decides on.
    private mutating func typedObject(
        _ types: [(type: StaticString, fields: FieldRules)], _ reader: inout JSONReader
    ) throws {
        var ahead = reader
        var type: JSONText?
        var count = 0
        try ahead.forEachField { key, reader throws(JSONError) in
            guard key == "type" else { return try reader.skip() }
            type = try reader.stringIfAny()
            count += 1
        }
        if policy.isGuarded, count > 1 { throw refusal(at: JSONText("type"), "is given twice") }
        if let type, let known = types.first(where: { type == $0.type }) { return try object(known.fields, &reader) }
        guard !policy.isGuarded else {
            path.append(.field(JSONText("type")))
            throw refusal(
                type.map { "\"\($0.beginning(50))\" is not known to be free of charge" } ?? "is missing")
        }
        needs.addText(try reader.slice())
    }

    /// - Returns: whether the field is left out, as a value that describes nothing asks for nothing.
    private func refuse(_ reason: StaticString, _ reader: inout JSONReader) throws -> Bool {
        let kind = try reader.kind()
        let value = try reader.slice()
        guard policy.isGuarded, kind == .object || kind == .array, !value.equals("[]"), !value.equals("{}") else {
            return leavesOut
        }
        throw refusal(reason.description)
    }

    // MARK: Refusals

    func refusal(_ reason: String) -> RequestError { Self.refusal(pathText, reason) }

    func refusal(at key: JSONText, _ reason: String) -> RequestError {
        let path = pathText
        return Self.refusal((path.isEmpty ? "" : path + ".") + key.beginning(100), reason)
    }

    static func refusal(_ path: String, _ reason: String) -> RequestError {
        .badRequest("\(path): \(reason)" + (reason.hasSuffix("twice") ? "" : note))
    }

    private static let note = "; FREE_MODE and MAX_PRICE_PER_MILLION let nothing through that may cost more"

    /// `input[2].tools[0]`
    var pathText: String {
        var text = name
        for step in path {
            switch step {
            case .field(let key): text += (text.isEmpty ? "" : ".") + key.beginning(100)
            case .element(let index): text += "[\(index)]"
            }
        }
        return text
    }
}
