import OllamaProxy

/// Requests that are forwarded: nothing that costs money goes upstream in free mode, and nothing is changed otherwise.
enum ForwardedRequestTarget {
    private enum Mode {
        case free, capped, open
    }

    static func run(_ bytes: Bytes) {
        var input = FuzzInput(bytes)
        let dialect = input.choice(of: [Dialect.chat, .responses, .messages, .embeddings])
        let mode = input.choice(of: [Mode.free, .capped, .open])
        let body = UTF8Repair.repaired(input.rest) ?? ByteBuffer(copying: input.rest)
        do throws(RequestError) {
            let request = try body.withBytes { bytes throws(RequestError) in
                try ForwardedRequest(
                    bytes, dialect: dialect, freeOnly: mode == .free, priceLimit: mode == .capped ? 0.5 : nil)
            }
            body.withBytes { OllamaRequestTarget.checkNeeds(request.needs, of: $0) }
            check(body, request, dialect, mode)
        } catch {
            OllamaRequestTarget.check(error)
        }
    }

    private static func check(_ body: ByteBuffer, _ request: ForwardedRequest, _ dialect: Dialect, _ mode: Mode) {
        guard let given = JSONTree(body) else { fatalError("what is no JSON is accepted") }
        expect(given["model"]?.text == request.model, "the model asked for is \(request.model)")
        let upstream = UpstreamRequest(forwarding: body, edits: request.edits)
        let model = Examples.paid
        let tree = tree(upstream.body(for: model).joined())
        expect(tree.values(of: "model").allSatisfy { $0 == .string(model.id) }, "another model is named: \(tree)")
        expect(!tree.values(of: "model").isEmpty, "no model is named: \(tree)")
        _ = Self.tree(upstream.body(for: model, continuing: ByteBuffer("so far"), isShared: true).joined())
        switch mode {
        case .open: expect(tree == given.replacing("model", by: .string(model.id)), "more than the model is changed")
        case .free: checkIsFree(tree, dialect)
        case .capped:
            checkIsGuarded(tree, dialect)
            expect(tree.values(of: "provider").count == 1, "several or no preferences: \(tree)")
            expect(tree["provider"]?.values(of: "max_price").count == 1, "several or no caps: \(tree)")
            expect(
                tree["provider"]?["max_price"]?["prompt"] == .number(Array("0.5".utf8)), "another cap: \(tree)")
        }
    }

    private static func tree(_ body: ByteBuffer) -> JSONTree {
        guard let tree = JSONTree(body), tree.isObject else { fatalError("the body is no JSON object: \(body.text)") }
        return tree
    }

    // MARK: What costs money

    private static let kept: Set = ["data_collection", "zdr", "require_parameters", "quantizations", "ignore"]

    private static func checkIsFree(_ tree: JSONTree, _ dialect: Dialect) {
        checkIsGuarded(tree, dialect)
        for preferences in tree.values(of: "provider") {
            expect(
                preferences.isObject && kept.isSuperset(of: preferences.keys), "a preference is left: \(preferences)")
        }
    }

    private static let paths: [(dialect: Dialect, path: String)] = [
        (.chat, "/v1/chat/completions"), (.responses, "/v1/responses"), (.messages, "/v1/messages"),
        (.embeddings, "/v1/embeddings"),
    ]

    /// Whatever goes upstream where money is guarded holds only what the documented table lists.
    private static func checkIsGuarded(_ tree: JSONTree, _ dialect: Dialect) {
        let path = paths.first { $0.dialect == dialect }!.path
        let rows = FreeOfCharge.documentation.first { $0.path == path }!.rows
        check(tree, at: "", rows)
        for plugin in tree.values(of: "plugins").flatMap(\.elements) {
            let isFree = ["response-healing", "context-compression"].contains(plugin["id"]?.text ?? "")
            expect(isFree || plugin["enabled"] == .bool(false), "a plugin that costs money is left: \(plugin)")
        }
    }

    private static func check(_ tree: JSONTree, at place: String, _ rows: [FreeOfCharge.Row]) {
        let known = rows.filter { $0.place == place }
        guard !known.isEmpty, tree.isObject else { return }
        let types = tree.values(of: "type").compactMap(\.text)
        // Of rows for one kind of object each, the one that is named counts.
        let row = known.count == 1 ? known[0] : known.first { types.contains($0.types.first ?? "") } ?? known[0]
        for type in types where !row.types.isEmpty {
            let isKnown = row.types.contains { $0 == type || ($0.hasSuffix("…") && type.hasPrefix($0.dropLast())) }
            expect(isKnown, "a type that nobody knows: \(type) at \(place)")
        }
        guard place != "tools[]" else { return }
        for key in tree.keys {
            if key == "web_search_options" || row.refused.contains(key) {
                let values = tree.values(of: key)
                expect(values.allSatisfy { [.null, .array([]), .object([])].contains($0) }, "\(key) at \(place)")
                continue
            }
            expect(row.free.contains(key), "a field that nobody knows: \(key) at \(place)")
            let inner = place.isEmpty ? key : "\(place).\(key)"
            for value in tree.values(of: key) {
                check(value, at: key == "tools" ? "tools" : inner, rows)
                for element in value.elements { check(element, at: key == "tools" ? "tools[]" : inner + "[]", rows) }
            }
        }
    }
}
