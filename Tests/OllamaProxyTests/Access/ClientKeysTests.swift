import OllamaProxy
import Testing

struct ClientKeysTests {
    private let keys = ClientKeys(["first-key", "another-key-2"])

    @Test(
        arguments: [
            ClientKeys.Offer(authorization: "Bearer first-key"), .init(authorization: "bearer  another-key-2 "),
            // A browser's dialog: any name, and the key as the password.
            .init(authorization: "Basic OmZpcnN0LWtleQ=="), .init(authorization: "basic bWU6Zmlyc3Qta2V5"),
            .init(apiKey: "first-key"), .init(pathKey: "another-key-2"),
            // Apps that have no key to send make one up, and the path has the true one.
            .init(authorization: "Bearer ollama", pathKey: "first-key"),
        ])
    func admitsAKeyInAnyPlace(offer: ClientKeys.Offer) {
        #expect(keys.admits(offer))
    }

    @Test(
        arguments: [
            ClientKeys.Offer(), .init(authorization: ""), .init(authorization: "first-key"),
            .init(authorization: "Basic first-key"), .init(authorization: "Basic Zmlyc3Qta2V5"),
            .init(authorization: "Basic OmZpcnN0LWtleQ="), .init(authorization: "Basic OmZpcnN0LWtleQ===="),
            .init(authorization: "Basic =OmZpcnN0LWtleQ"), .init(authorization: "Basic Zmlyc3Qta2V5Og=="),
            // A page of another origin may ask, and the browser adds what it knows.
            .init(authorization: "Basic OmZpcnN0LWtleQ==", passwordCounts: false),
            .init(authorization: "Digest OmZpcnN0LWtleQ=="),
            .init(authorization: "Bearer"), .init(authorization: "Bearer "),
            .init(apiKey: "first-ke"), .init(apiKey: "first-keyy"), .init(apiKey: "first-keyfirst-key"),
            .init(apiKey: "First-key"), .init(pathKey: ""), .init(apiKey: "first-key,another-key-2"),
            .init(apiKey: "another-key-2\u{0}"),
        ])
    func admitsNothingElse(offer: ClientKeys.Offer) {
        #expect(!keys.admits(offer))
    }

    @Test func nobodyIsAskedWithoutKeys() {
        #expect(ClientKeys().admits(.init()))
        #expect(ClientKeys().admits(.init(apiKey: "anything")))
    }
}

struct RequestTargetTests {
    @Test(
        arguments: [
            ("/api/tags", "/api/tags", nil), ("/key/abc/api/tags", "/api/tags", "abc"), ("/key/abc/", "/", "abc"),
            ("/key/abc", "/", "abc"), ("/key/", "/", ""), ("/key//api/tags", "/api/tags", ""),
            ("/keys/abc", "/keys/abc", nil), ("/key", "/key", nil), ("", "", nil),
            ("http://localhost:11434/api/tags", "/api/tags", nil),
            ("http://localhost:11434/key/abc/v1/models", "/v1/models", "abc"),
            // The key comes once; what follows is a path like any other.
            ("/key/abc/key/def/api/tags", "/key/def/api/tags", "abc"),
        ] as [(String, String, String?)])
    func isTakenApart(text: String, path: String, key: String?) {
        let target = RequestTarget(text)
        #expect(target.path == path)
        #expect(target.key == key)
    }

    @Test(
        arguments: [
            ("http://localhost:11434/api/tags", "localhost:11434"), ("http://a@b:1/key/abc/", "a@b:1"),
            ("http:///api/tags", ""), ("/api/tags", nil), ("//example.com/api/tags", nil), ("http://localhost", nil),
        ] as [(String, String?)])
    func mayNameAHost(text: String, host: String?) {
        #expect(RequestTarget(text).host == host)
    }
}
