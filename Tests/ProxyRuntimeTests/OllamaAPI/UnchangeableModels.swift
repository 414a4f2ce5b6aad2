import TestSupport
import Testing

/// Hosted models can be neither made nor changed, which the error says in words for a person.
@Suite(.timeLimit(.minutes(10)))
struct UnchangeableModels {
    private static let digest = "sha256:" + String(repeating: "a1", count: 32)

    @Test func creatingSaysWhatToDoInstead() throws {
        let stage = try Stage()
        let body: JSONObject = ["model": "mine", "from": ListedModel.first.id, "system": "You are Mario."]
        let reply = try stage.send(body, to: "/api/create")
        #expect(reply.status == 400)
        #expect(reply.error?.contains("hosted") == true)
        #expect(reply.error?.contains("/api/copy") == true)
    }

    @Test func pushingIsRefused() throws {
        let stage = try Stage()
        let reply = try stage.send(["model": ListedModel.first.id], to: "/api/push")
        #expect(reply.status == 400)
        #expect(reply.error?.contains("pushed") == true)
    }

    /// A client asks whether a blob is there before it uploads it.
    @Test func blobsAreNotThereAndCannotBe() throws {
        let stage = try Stage()
        let head = try stage.client.request("HEAD", "/api/blobs/\(Self.digest)")
        #expect(head.status == 404)
        #expect(head.body.isEmpty)
        let upload = try stage.client.request(
            "POST", "/api/blobs/\(Self.digest)", body: [UInt8](repeating: 7, count: 100_000))
        #expect(upload.status == 400)
        #expect(try upload.jsonObject()["error"] is String)
        try stage.waitUntilIdle()
    }
}
