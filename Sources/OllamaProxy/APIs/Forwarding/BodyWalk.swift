/// Goes once through a body, or a part of one, by the rules of what is free of charge: refuses what may cost money, notes what
/// is to be left out, and finds what is asked of a model.
struct BodyWalk {
    /// What becomes of what the rules do not let through.
    enum Policy {
        /// Money is the client's to spend: all of it is sent on.
        case open
        /// It is refused.
        case guarded
        /// The body is written anew: unknown fields are dropped, as Ollama drops them. What asks for a service is refused
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

    private static let mostToolLevels = 3
    /// What is compared of a tool's name, in characters.
    private static let longestToolName = 200

    private enum Step {
        case field(JSONText)
        case element(Int)
    }

    private let policy: Policy
    private let strings: LongStrings
    private let tools: ToolTypes
    private(set) var needs = RequestNeeds()
    private(set) var edits: [ForwardingEdit] = []
    /// Types and names of the tools that are left out.
    private var removedTools: Set<String> = []
    /// How many lists of tools lie around the one that is read.
    private var toolLevel = 0
    private var toolChoice: (value: Bytes, path: String)?
    private var path: [Step] = []
    /// Where the path begins.
    private var name = ""

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

    // MARK: Tools

    /// Coding agents list tools that the upstream runs beside their own: those are left out. A request that has no others asks
    /// for just them, and is refused.
    private mutating func toolList(_ reader: inout JSONReader) throws {
        guard try reader.kind() == .array else {
            guard try reader.kind() == .null else {
                guard policy.isGuarded else { return try reader.skip() }
                throw refusal("must be an array")
            }
            return try reader.null()
        }
        var kept: [Bytes] = []
        var paid: (index: Int, type: String)?
        var count = 0
        var elements = reader
        try elements.beginArray()
        while try elements.nextElement() {
            path.append(.element(count))
            let start = elements
            let tool = try elements.slice()
            if let type = try paidType(of: tool, start) { paid = paid ?? (count, type) } else { kept.append(tool) }
            path.removeLast()
            count += 1
        }
        let array = try reader.slice()
        let start = reader.offset - array.count
        if count > 0 { needs.addTools(array) }
        guard let paid else { return }
        guard tools.areListedUnasked, !kept.isEmpty else {
            path.append(.element(paid.index))
            path.append(.field(JSONText("type")))
            throw refusal("a tool of type \"\(paid.type.prefix(50))\" costs money")
        }
        let output = ByteBuffer(capacity: array.count)
        var writer = JSONWriter(into: output)
        writer.array { writer in
            for tool in kept { writer.raw(tool) }
        }
        edits.append(ForwardingEdit(range: start..<reader.offset, kind: .replacement(output)))
    }

    /// The type of a tool that the upstream runs; nil for one that is the client's.
    private mutating func paidType(of tool: Bytes, _ start: JSONReader) throws -> String? {
        guard policy.isGuarded else { return nil }
        guard tool.first == UInt8(ascii: "{") else { throw refusal("must be an object") }
        var types: [JSONText?] = []
        var name: JSONText?
        var reader = start
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "type": types.append(try reader.stringIfAny())
            case "name": name = try reader.stringIfAny()
            // A namespace holds tools of its own.
            case "tools":
                path.append(.field(key))
                // Each level is read as often as it lies deep.
                guard toolLevel < Self.mostToolLevels else { throw refusal("tools lie in tools too deep") }
                var inner = BodyWalk(policy, strings, tools: ToolTypes(types: tools.types, prefixes: tools.prefixes))
                (inner.name, inner.path, inner.toolLevel) = (self.name, path, toolLevel + 1)
                try inner.toolList(&reader)
                path.removeLast()
            default: try reader.skip()
            }
        }
        // One that names two types is read by the first or by the last.
        let paid =
            types.isEmpty ? (tools.includes(nil) ? nil : .some(JSONText?.none)) : types.first { !tools.includes($0) }
        guard let paid else { return nil }
        let type = paid?.beginning(Self.longestToolName) ?? "none"
        removedTools.insert(type)
        if let name { removedTools.insert(name.beginning(Self.longestToolName)) }
        return type
    }

    /// Refuses a choice that demands one of the tools that were left out, or one that was never listed.
    func checkToolChoice() throws(RequestError) {
        guard policy.isGuarded, let toolChoice, toolChoice.value.first == UInt8(ascii: "{") else { return }
        var names: [JSONText] = []
        var reader = JSONReader(toolChoice.value, strings)
        // The value was checked when it was sliced, so nothing is thrown here.
        try? reader.forEachField { key, reader throws(JSONError) in
            if key == "type" || key == "name" {
                if let text = try reader.stringIfAny() { names.append(text) }
            } else if key == "tools" {
                try reader.forEachElementIfArray { reader throws(JSONError) in
                    try reader.forEachFieldIfObject { key, reader throws(JSONError) in
                        guard key == "type" || key == "name" else { return try reader.skip() }
                        if let text = try reader.stringIfAny() { names.append(text) }
                    }
                }
            } else {
                try reader.skip()
            }
        }
        guard let demanded = names.first(where: { removedTools.contains($0.beginning(Self.longestToolName)) || Self.isUpstreams($0) }) else {
            return
        }
        throw Self.refusal(toolChoice.path, "the tool \"\(demanded.beginning(50))\" costs money")
    }

    /// The upstream's own tools have its name in theirs.
    private static func isUpstreams(_ name: JSONText) -> Bool {
        let beginning = name.beginning(20)
        return beginning == "shell" || beginning.hasPrefix("openrouter:") || beginning.hasPrefix("web_search")
    }

    // MARK: Plugins

    /// By the upstream's documentation these have no price.
    static let freePlugins: [StaticString] = ["response-healing", "context-compression"]

    private static func isFreePlugin(_ id: JSONText) -> Bool { freePlugins.contains { id == $0 } }

    private mutating func plugins(_ reader: inout JSONReader) throws {
        guard policy.isGuarded else { return try reader.skip() }
        switch try reader.kind() {
        case .array: break
        case .object where try reader.slice().equals("{}"), .null where try reader.slice().equals("null"): return
        default: throw refusal("must be an array")
        }
        var index = 0
        try reader.beginArray()
        while try reader.nextElement() {
            path.append(.element(index))
            guard try reader.kind() == .object else { throw refusal("must be an object") }
            var ids: [JSONText?] = []
            var enabled: [Bool?] = []
            try reader.forEachField { key, reader throws(JSONError) in
                switch key {
                case "id": ids.append(try reader.stringIfAny())
                case "enabled": enabled.append(try reader.boolIfAny())
                default: try reader.skip()
                }
            }
            let isFree = !ids.isEmpty && ids.allSatisfy { id in id.map(Self.isFreePlugin) == true }
            let isOff = !enabled.isEmpty && enabled.allSatisfy { $0 == false }
            guard isFree || isOff else {
                path.append(.field(JSONText("id")))
                throw refusal("the plugin \"\(ids.last??.beginning(50) ?? "")\" costs money")
            }
            path.removeLast()
            index += 1
        }
    }

    // MARK: Refusals

    private func refusal(_ reason: String) -> RequestError { Self.refusal(pathText, reason) }

    private func refusal(at key: JSONText, _ reason: String) -> RequestError {
        let path = pathText
        return Self.refusal((path.isEmpty ? "" : path + ".") + key.beginning(100), reason)
    }

    private static func refusal(_ path: String, _ reason: String) -> RequestError {
        .badRequest("\(path): \(reason)" + (reason.hasSuffix("twice") ? "" : note))
    }

    private static let note = "; FREE_MODE and MAX_PRICE_PER_MILLION let nothing through that may cost more"

    /// `input[2].tools[0]`
    private var pathText: String {
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
