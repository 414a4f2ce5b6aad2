import OllamaProxy

/// Requests that are translated: what is accepted goes upstream as valid JSON for every model, with that model's name.
enum OllamaRequestTarget {
    static func run(_ bytes: Bytes) {
        var input = FuzzInput(bytes)
        let kind = input.byte() % 6
        // As the service does it, which takes invalid UTF-8 for what Go makes of it.
        let body = UTF8Repair.repaired(input.rest) ?? ByteBuffer(copying: input.rest)
        body.withBytes { body in
            do throws(RequestError) {
                try read(body, kind: kind)
            } catch {
                check(error)
            }
        }
    }

    /// Errors are for a person: short, and in one JSON string.
    static func check(_ error: RequestError) {
        expect((400..<600).contains(error.status), "status \(error.status)")
        expect(!error.message.isEmpty, "an error without words")
        for shape in [ErrorShape.ollama, .openAI, .responses, .anthropic] {
            let reply = shape.body(status: error.status, message: error.message)
            expect(JSONTree(reply)?.isObject == true, "an error that is no JSON: \(reply.text)")
        }
    }

    private static func read(_ body: Bytes, kind: UInt8) throws(RequestError) {
        switch kind {
        case 0:
            let chat = try OllamaChatRequest(body)
            checkNeeds(try RequestNeeds(chat, guardsMoney: false), of: body)
            checkChat(try UpstreamRequest(chat))
        case 1:
            let prompt = try OllamaGenerateRequest(body)
            checkNeeds(RequestNeeds(prompt), of: body)
            checkChat(try UpstreamRequest(prompt))
        case 2:
            let prompt = try CompletionRequest(body)
            checkNeeds(RequestNeeds(prompt), of: body)
            checkChat(UpstreamRequest(prompt))
        case 3, 4:
            let embed = try OllamaEmbedRequest(body, isLegacy: kind == 4)
            guard let given = embed.input else { return }
            let tree = tree(of: UpstreamRequest(embed, input: given), for: Examples.plain)
            let count = tree["input"]?.text == nil ? tree["input"]?.elements.count ?? 0 : 1
            expect(count == embed.count, "\(embed.count) texts are counted of \(count)")
            let reply = OllamaEmbedRequest.emptyReply(model: embed.model, isLegacy: kind == 4)
            expect(JSONTree(reply) != nil, "a reply that is no JSON: \(reply.text)")
        default:
            _ = try? ManagementRequest.copy(body)
            _ = try ManagementRequest.named(body)
        }
    }

    static func checkNeeds(_ needs: RequestNeeds, of body: Bytes) {
        expect(needs.promptTokens >= 0 && needs.contextTokens >= 0, "a length below zero: \(needs)")
        expect(needs.textBytes >= needs.wideBytes && needs.wideBytes >= 0, "miscounted: \(needs)")
        expect(needs.wideBytes <= body.count, "more than the body holds: \(needs)")
    }

    private static func checkChat(_ request: UpstreamRequest) {
        for model in Examples.models { checkChat(tree(of: request, for: model)) }
        // The same bytes serve every attempt, whatever the one before has appended.
        let (first, again) = (tree(of: request, for: Examples.plain), tree(of: request, for: Examples.plain))
        expect(first == again, "another body for the same model")
        let taken = tree(of: request, for: Examples.plain, continuing: ByteBuffer("so far\\n\\u00e9"))
        let (before, after) = (first["messages"]?.elements ?? [], taken["messages"]?.elements ?? [])
        expect(Array(after.dropLast()) == before, "taking an answer up changes the messages before")
        expect(after.last?["content"] == .string("so far\né"), "the answer so far is not the last message")
    }

    private static func checkChat(_ tree: JSONTree) {
        expect(tree["stream"] == .bool(true), "it is not streamed upstream")
        for message in tree["messages"]?.elements ?? [] {
            expect(
                message["role"]?.text != nil && message["content"] != nil, "a message that lacks something: \(message)")
        }
        let keys = tree.keys
        expect(Set(keys).count == keys.count, "a field is given twice: \(keys)")
    }

    private static func tree(
        of request: UpstreamRequest, for model: Model, continuing partial: ByteBuffer? = nil
    ) -> JSONTree {
        let body = request.body(for: model, continuing: partial, isShared: true, priceLimit: 0.5).joined()
        guard let tree = JSONTree(body), tree.isObject else { fatalError("the body is no JSON object: \(body.text)") }
        expect(tree.values(of: "model") == [.string(model.id)], "the body does not name the model: \(body.text)")
        return tree
    }
}
