// Tools and plugins, of which some are run by the upstream and cost money.

extension BodyWalk {
    /// Coding agents list tools that the upstream runs beside their own: those are left out. A request that has no others asks
    /// for just them, and is refused.
    mutating func toolList(_ reader: inout JSONReader) throws {
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
        guard
            let demanded = names.first(where: {
                removedTools.contains($0.beginning(Self.longestToolName)) || Self.isUpstreams($0)
            })
        else {
            return
        }
        throw Self.refusal(toolChoice.path, "the tool \"\(demanded.beginning(50))\" costs money")
    }

    /// The upstream's own tools have its name in theirs.
    private static func isUpstreams(_ name: JSONText) -> Bool {
        OpenRouter.runs(toolNamed: name.beginning(20))
    }

    // MARK: Plugins

    /// By the upstream's documentation these have no price.
    static let freePlugins: [StaticString] = ["response-healing", "context-compression"]

    private static func isFreePlugin(_ id: JSONText) -> Bool { freePlugins.contains { id == $0 } }

    mutating func plugins(_ reader: inout JSONReader) throws {
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
}
