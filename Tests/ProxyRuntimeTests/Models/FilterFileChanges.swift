import Foundation
import TestSupport
import Testing

/// The filter file is read again whenever it changes, in whichever way an editor changes it.
@Suite(.timeLimit(.minutes(10)))
struct FilterFileChanges {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func stage(_ settings: [String: String] = [:]) throws -> Stage {
        try Stage(settings: ["MODEL_FILTER_PATH": folder.file("filter").path].merging(settings) { $1 })
    }

    private func names(_ stage: Stage) throws -> [String] {
        try stage.client.listedNames()
    }

    @Test(arguments: [
        ("beta", ["cedar/beta-30b:free"]), ("BETA\n", ["cedar/beta-30b:free"]),
        ("birch/*", ["birch/alpha-70b:free"]), ("*30b*\n*7b:free", ["cedar/beta-30b:free", "maple/gamma-7b:free"]),
        ("!beta", ["birch/alpha-70b:free", "maple/gamma-7b:free"]),
        ("# a comment\n\n  free # another\n! *70B* \r\n", ["cedar/beta-30b:free", "maple/gamma-7b:free"]),
        ("a*\n", []), ("", ["birch/alpha-70b:free", "cedar/beta-30b:free", "maple/gamma-7b:free"]),
    ])
    func patterns(text: String, expected: [String]) throws {
        try folder.write(text, to: "filter")
        #expect(try names(stage()) == expected)
        #expect(try names(stage(["FREE_MODE": "false"])) == expected)
    }

    @Test func aFilteredModelIsNotUsed() throws {
        try folder.write("!alpha", to: "filter")
        let stage = try stage()
        try stage.scriptAll(Answer.words(["fine"]))
        #expect(try stage.chat(ListedModel.first.id).answeredBy == ListedModel.second.id)
        #expect(try stage.client.post("/api/show", json: "{\"model\":\"alpha-70b\"}").status == 404)
    }

    @Test func everyWayOfChangingItCounts() throws {
        let stage = try stage()
        #expect(try names(stage).count == 3)
        // It did not exist before.
        try expectNames(["cedar/beta-30b:free"], of: stage) { try folder.write("beta", to: "filter") }
        // Written in place.
        try expectNames(["birch/alpha-70b:free", "cedar/beta-30b:free"], of: stage) {
            let handle = try FileHandle(forWritingTo: folder.file("filter"))
            try handle.seekToEnd()
            try handle.write(contentsOf: Data("\nalpha\n".utf8))
            try handle.close()
        }
        // Replaced by another file, as editors do.
        try expectNames(["maple/gamma-7b:free"], of: stage) {
            try folder.write("gamma", to: "filter.new")
            #expect(rename(folder.file("filter.new").path, folder.file("filter").path) == 0)
        }
        // Taken away.
        try expectNames(ListedModel.three.map(\.id), of: stage) {
            try FileManager.default.removeItem(at: folder.file("filter"))
        }
    }

    private func expectNames(_ expected: [String], of stage: Stage, _ change: () throws -> Void) throws {
        let logged = stage.proxy.logCount
        try change()
        // One change may show in several steps, an empty file among them.
        try stage.proxy.waitForLog(event: "models_ready", containing: "models=\(expected.count) ", from: logged)
        #expect(try names(stage) == expected)
    }

    /// Compose files mount a folder that may be made later.
    @Test func aFolderThatDoesNotExistIsNoObstacle() throws {
        let stage = try Stage(settings: ["MODEL_FILTER_PATH": folder.file("nowhere/filter").path])
        #expect(try names(stage).count == 3)
    }

    @Test func aFilterThatLeavesNothingIsTold() throws {
        try folder.write("nothing-like-it", to: "filter")
        let stage = try stage()
        let reply = try stage.chat()
        #expect(reply.status == 503)
        #expect(reply.error?.contains("filter") == true)
        try stage.proxy.waitForLog(event: "no_models")
    }
}
