import Foundation
import TestSupport
import Testing

/// In free mode nothing of what costs money reaches the upstream, in whichever API it is asked for.
@Suite(.timeLimit(.minutes(10)))
struct FreeModeAtTheDoors {
    /// Fields that name other models, dearer ways to the same, or who is to serve it at which price.
    private static var dear: JSONObject {
        [
            "models": ["oak/paid"], "fallbacks": ["oak/paid"], "route": "fallback", "preset": "paid",
            "speed": "fast", "service_tier": "priority",
            "provider": ["order": ["paid"], "only": ["paid"], "sort": "throughput", "zdr": true] as JSONObject,
        ]
    }

    private func onlyRequest(_ stage: Stage, _ door: ForwardingDoor) throws -> JSONObject {
        let requests = try stage.requests(door)
        try #require(requests.count == 1)
        return requests[0].json
    }

    @Test(arguments: ForwardingDoor.allCases)
    func dearFieldsAreLeftOut(door: ForwardingDoor) throws {
        let stage = try Stage()
        let rest: JSONObject = ["temperature": 0.5, "metadata": ["a": "b"]]
        #expect(try stage.send(door, Self.dear.merging(rest) { $1 }).status == 200)
        let expected = try JSON.object(door.body()).merging(rest) { $1 }
            .merging(["provider": ["zdr": true]]) { $1 }
        #expect(JSON.text(try onlyRequest(stage, door)) == JSON.text(expected))
    }

    /// Who pays may choose.
    @Test(arguments: ForwardingDoor.allCases)
    func dearFieldsAreForwardedWhereMoneyMayBeSpent(door: ForwardingDoor) throws {
        let stage = try Stage(settings: ["FREE_MODE": "false"])
        #expect(try stage.send(door, Self.dear).status == 200)
        let expected = try JSON.object(door.body()).merging(Self.dear) { $1 }
        #expect(JSON.text(try onlyRequest(stage, door)) == JSON.text(expected))
    }

    struct ServerTool: CustomTestStringConvertible, @unchecked Sendable {
        let door: ForwardingDoor
        let tool: JSONObject
        var testDescription: String { "\(door): \(JSON.text(tool))" }
    }

    /// Never changed once they are made.
    static let serverTools =
        ["web_search", "web_search_preview", "openrouter:web_search", "file_search", "image_generation"].map {
            ServerTool(door: .responses, tool: ["type": $0])
        }
        + ["web_search_20250305", "web_fetch_20250910", "code_execution_20250522", "openrouter:web_search"].map {
            ServerTool(door: .messages, tool: ["type": $0, "name": "search"])
        }

    /// Coding agents list them beside their own.
    @Test(arguments: serverTools)
    func serverToolsAreLeftOutBesideOthers(item: ServerTool) throws {
        let stage = try Stage()
        let tools = [item.tool, item.door.ownTool, item.tool]
        #expect(try stage.send(item.door, ["tools": tools]).status == 200)
        #expect(JSON.text(try onlyRequest(stage, item.door)["tools"] ?? 0) == JSON.text([item.door.ownTool]))
    }

    @Test(arguments: serverTools)
    func aServerToolAloneIsRefused(item: ServerTool) throws {
        let stage = try Stage()
        for stream in [true, false] {
            let reply = try stage.send(item.door, stream: stream, ["tools": [item.tool]])
            #expect(reply.status == 400)
            #expect(item.door.isError(try reply.response.jsonObject()), "\(reply.response.text)")
            #expect(reply.response.errorText?.contains("FREE_MODE") == true)
        }
        #expect(try stage.upstream.requests().isEmpty)
    }

    @Test(arguments: serverTools)
    func serverToolsAreForwardedWhereMoneyMayBeSpent(item: ServerTool) throws {
        let stage = try Stage(settings: ["FREE_MODE": "false"])
        let tools = [item.tool, item.door.ownTool]
        #expect(try stage.send(item.door, ["tools": tools]).status == 200)
        #expect(JSON.text(try onlyRequest(stage, item.door)["tools"] ?? 0) == JSON.text(tools))
    }

    /// What the client itself runs, under names that look like the upstream's.
    @Test(arguments: ["bash_20250124", "text_editor_20250728", "computer_20250124", "memory_20250818", "custom"])
    func toolsThatTheClientRunsStay(type: String) throws {
        let stage = try Stage()
        let tools: [JSONObject] = [["type": type, "name": "mine"]]
        #expect(try stage.send(.messages, ["tools": tools]).status == 200)
        #expect(JSON.text(try onlyRequest(stage, .messages)["tools"] ?? 0) == JSON.text(tools))
    }

    @Test(arguments: ForwardingDoor.allCases, ["oak/paid", "birch/alpha-70b:free:online", "openrouter/auto"])
    func onlyFreeModelsAreAsked(door: ForwardingDoor, name: String) throws {
        let paid = ListedModel(id: "oak/paid", context: 900_000, price: "0.000001")
        let stage = try Stage(models: [paid] + ListedModel.three)
        #expect(try stage.send(door, to: name).status == 200)
        #expect(try stage.modelsAsked(door) == [ListedModel.first.id])
    }

    @Test(arguments: ForwardingDoor.allCases)
    func theAccountsLimitStopsAllDoors(door: ForwardingDoor) throws {
        let stage = try Stage()
        try stage.script(door, ListedModel.three.map { ($0, [Answer.failure("429-day")]) })
        let reply = try stage.send(door)
        #expect(reply.status == 429)
        #expect(door.isError(try reply.response.jsonObject()))
        #expect(reply.response.retryAfter ?? 0 > 0)
        #expect(try stage.modelsAsked(door) == [ListedModel.first.id])
        #expect(try stage.chat().status == 429)
    }

    @Test(arguments: ForwardingDoor.allCases)
    func everyRequestCounts(door: ForwardingDoor) throws {
        let stage = try Stage(settings: ["FREE_REQUESTS_PER_DAY": "2"])
        #expect(try stage.send(door).response.headers["X-Proxy-Budget-Remaining"] == "1")
        #expect(try stage.send(door).status == 200)
        let reply = try stage.send(door)
        #expect(reply.status == 429)
        #expect(door.isError(try reply.response.jsonObject()))
        #expect(try stage.requests(door).count == 2)
    }
}
