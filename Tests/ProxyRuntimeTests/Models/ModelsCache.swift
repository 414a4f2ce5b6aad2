import Foundation
import TestSupport
import Testing

/// The file that makes a start without network possible.
@Suite(.timeLimit(.minutes(10)))
struct ModelsCache {
    private let folder: TemporaryFolder
    private let upstream: FakeOpenRouter

    init() throws {
        folder = try TemporaryFolder()
        upstream = try FakeOpenRouter()
    }

    private func names(_ proxy: ProxyProcess) throws -> [String] {
        try proxy.client.listedNames()
    }

    @Test func aSecondStartNeedsNoNetwork() throws {
        let (tags, openAI, show): (String, String, String)
        do {
            let stage = try Stage(dataFolder: folder.url, upstream: upstream)
            tags = try stage.client.request("GET", "/api/tags").text
            openAI = try stage.client.request("GET", "/v1/models").text
            show = try stage.client.post("/api/show", json: "{\"model\":\"beta-30b\"}").text
            stage.proxy.kill()
        }
        upstream.stop()
        let proxy = try ProxyProcess(upstream: upstream.baseURL, dataFolder: folder.url)
        // The list is there before the first request can be.
        #expect(try proxy.client.request("GET", "/api/tags").text == tags)
        #expect(try proxy.client.request("GET", "/v1/models").text == openAI)
        #expect(try proxy.client.post("/api/show", json: "{\"model\":\"beta-30b\"}").text == show)
        try proxy.waitForLog(event: "models_ready", containing: "source=cache")
    }

    @Test func oneObjectALine() throws {
        let stage = try Stage(dataFolder: folder.url, upstream: upstream)
        // The list is written in the turn in which it came; a request is answered in a later one.
        _ = try stage.proxy.health()
        let text = try String(contentsOf: folder.file("free-models"), encoding: .utf8)
        #expect(text.hasSuffix("\n"))
        let lines = text.split(separator: "\n")
        #expect(try lines.map { try JSON.object(String($0))["id"] as? String } == ListedModel.three.map(\.id))
        // Written aside and renamed: nothing else is left.
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
        #expect(files.filter { $0.hasPrefix("free-models") } == ["free-models"])
    }

    @Test func theOlderPlainFormatIsRead() throws {
        upstream.stop()
        try folder.write(
            "birch/alpha-70b:free\ncedar/beta-30b:free\r\n\n{\"id\":\"maple/gamma-7b:free\"", to: "free-models")
        let proxy = try ProxyProcess(upstream: upstream.baseURL, dataFolder: folder.url)
        #expect(try names(proxy) == ["birch/alpha-70b:free", "cedar/beta-30b:free"])
    }

    @Test func bothFormatsMayBeMixed() throws {
        upstream.stop()
        let object = JSON.text(ListedModel.first.json)
        try folder.write("cedar/beta-30b:free\n\(object)\n", to: "free-models")
        let proxy = try ProxyProcess(upstream: upstream.baseURL, dataFolder: folder.url)
        // Nothing is known of the plain one's context, so it comes last.
        #expect(try names(proxy) == ["birch/alpha-70b:free", "cedar/beta-30b:free"])
    }

    @Test(arguments: ["", "\u{0}\u{1}\u{2}", "{\n{\n", "{\"name\":\"no id\"}\n"])
    func aBrokenFileIsNoObstacle(text: String) throws {
        try folder.write(text, to: "free-models")
        let stage = try Stage(dataFolder: folder.url, upstream: upstream)
        #expect(try names(stage.proxy) == ListedModel.three.map(\.id))
        #expect(try String(contentsOf: folder.file("free-models"), encoding: .utf8).contains("birch/alpha-70b:free"))
    }

    /// The new list replaces the old one as a whole, in the file too.
    @Test func aNewListReplacesTheOld() throws {
        try folder.write("old/model:free\n", to: "free-models")
        let stage = try Stage(dataFolder: folder.url, upstream: upstream)
        #expect(try names(stage.proxy) == ListedModel.three.map(\.id))
        #expect(try !String(contentsOf: folder.file("free-models"), encoding: .utf8).contains("old/model"))
    }

    /// A folder in the file's place can neither be read nor replaced.
    @Test func aFileThatCannotBeWrittenIsDoneWithout() throws {
        try FileManager.default.createDirectory(at: folder.file("free-models"), withIntermediateDirectories: true)
        let stage = try Stage(dataFolder: folder.url, upstream: upstream)
        #expect(try names(stage.proxy) == ListedModel.three.map(\.id))
        try stage.proxy.waitForLog(event: "models_not_cached")
        #expect(try stage.chat().isDone)
    }

    /// Where all models are allowed, those that cost are remembered too, and not mixed up with the free ones.
    @Test func eachModeRemembersItsOwn() throws {
        let models = ListedModel.three + [ListedModel(id: "birch/paid", context: 1000, price: "0.001")]
        for freeMode in [true, false] {
            let stage = try Stage(
                models: models, settings: ["FREE_MODE": "\(freeMode)"], dataFolder: folder.url, upstream: upstream)
            #expect(stage.proxy.terminate() == .exited(0))
        }
        upstream.stop()
        for (freeMode, count) in [(true, 3), (false, 4)] {
            let proxy = try ProxyProcess(
                upstream: upstream.baseURL, settings: ["FREE_MODE": "\(freeMode)"], dataFolder: folder.url)
            #expect(try proxy.health().models == count)
        }
    }
}
