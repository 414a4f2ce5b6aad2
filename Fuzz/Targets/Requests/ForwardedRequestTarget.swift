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
        let tree = tree(upstream.body(for: model))
        expect(tree.values(of: "model").allSatisfy { $0 == .string(model.id) }, "another model is named: \(tree)")
        expect(!tree.values(of: "model").isEmpty, "no model is named: \(tree)")
        _ = Self.tree(upstream.body(for: model, continuing: ByteBuffer("so far"), isShared: true))
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

    private static let forbidden = ["models", "fallbacks", "route", "preset", "service_tier", "speed"]
    private static let kept: Set = ["data_collection", "zdr", "require_parameters", "quantizations", "ignore"]

    private static func checkIsFree(_ tree: JSONTree, _ dialect: Dialect) {
        checkIsGuarded(tree, dialect)
        for preferences in tree.values(of: "provider") {
            expect(
                preferences.isObject && kept.isSuperset(of: preferences.keys), "a preference is left: \(preferences)")
        }
    }

    private static func checkIsGuarded(_ tree: JSONTree, _ dialect: Dialect) {
        expect(forbidden.allSatisfy { tree[$0] == nil }, "a field that may cost money is left: \(tree)")
        for value in tree.values(of: "plugins") + tree.values(of: "web_search_options") {
            expect([.null, .array([]), .object([])].contains(value), "a service is asked for: \(value)")
        }
        for tool in tree.values(of: "tools").flatMap(\.elements) where tool.isObject {
            expect(isTheClients(tool["type"]?.text, dialect), "a tool that costs money is left: \(tool)")
        }
    }

    /// Whether the client runs such a tool itself.
    private static func isTheClients(_ type: String?, _ dialect: Dialect) -> Bool {
        guard let type else { return dialect != .responses }
        if ["function", "custom"].contains(type) { return true }
        switch dialect {
        case .responses: return ["local_shell", "shell", "apply_patch", "namespace"].contains(type)
        case .messages: return ["bash_", "text_editor_", "computer_", "memory_"].contains { type.hasPrefix($0) }
        case .chat, .embeddings: return false
        }
    }
}
