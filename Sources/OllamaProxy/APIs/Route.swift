/// What a request asks for, by its path and method.
package enum Route: String, CaseIterable {
    case root = "/"
    case version = "/api/version"
    case tags = "/api/tags"
    case show = "/api/show"
    case chat = "/api/chat"
    case generate = "/api/generate"
    case embed = "/api/embed"
    case embeddings = "/api/embeddings"
    case running = "/api/ps"
    case pull = "/api/pull"
    case push = "/api/push"
    case create = "/api/create"
    case copy = "/api/copy"
    case delete = "/api/delete"
    /// With a digest behind it.
    case blobs = "/api/blobs/"
    case status = "/api/status"
    case account = "/api/me"
    case signOut = "/api/signout"
    case recommendations = "/api/experimental/model-recommendations"
    case openAIModels = "/v1/models"
    /// With a model's name behind it.
    case openAIModel = "/v1/models/"
    case openAIChat = "/v1/chat/completions"
    case openAICompletions = "/v1/completions"
    case responses = "/v1/responses"
    case messages = "/v1/messages"
    case countTokens = "/v1/messages/count_tokens"
    case openAIEmbeddings = "/v1/embeddings"
    case health = "/health"
    /// What is remembered of failures, of all models or of the one whose id follows.
    case failures = "/api/proxy/failures"
    /// The page for browsers and its parts.
    case statusPage = "/status"
    case statusStyle = "/status/style.css"
    case statusScript = "/status/script.js"
    /// What the page shows.
    case proxyStatus = "/api/proxy/status"
    case proxyHistory = "/api/proxy/history"
    case metrics = "/metrics"

    /// The methods it answers to, as the `Allow` header lists them.
    package var methods: [String] {
        switch self {
        case .root, .version, .tags, .openAIModels, .openAIModel, .health, .running, .status, .recommendations,
            .statusPage, .statusStyle, .statusScript, .proxyStatus, .proxyHistory, .metrics:
            ["GET", "HEAD"]
        case .blobs: ["HEAD", "POST"]
        case .delete: ["DELETE"]
        case .failures: ["GET", "HEAD", "DELETE"]
        case .show, .chat, .generate, .openAIChat, .embed, .embeddings, .pull, .push, .create, .copy, .account,
            .signOut, .openAICompletions, .openAIEmbeddings, .responses, .messages, .countTokens:
            ["POST"]
        }
    }

    /// What the upstream is asked in, where the request's body is forwarded to the upstream's own path of the same API.
    package var forwardedDialect: Dialect? {
        switch self {
        case .openAIChat: .chat
        case .responses: .responses
        case .messages: .messages
        case .openAIEmbeddings: .embeddings
        default: nil
        }
    }

    /// Why a request has no route.
    package enum Mismatch: Error, Equatable {
        case unknownPath
        case wrongMethod(allowed: [String])
    }

    /// - Parameter path: without the query; a slash at the end makes no difference.
    package static func find(method: String, path: String) throws(Mismatch) -> Route {
        let path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        let known =
            [Route.blobs, .openAIModel].first { path.hasPrefix($0.rawValue) } ?? Route(rawValue: path)
            ?? (path.hasPrefix(Route.failures.rawValue + "/") ? .failures : nil)
        guard let route = known else { throw .unknownPath }
        guard route.methods.contains(method) else { throw .wrongMethod(allowed: route.methods) }
        return route
    }

    /// How errors look at a path, known route or not.
    package static func errors(ofPath path: String) -> ErrorShape {
        if path.hasPrefix("/v1/messages") { return .anthropic }
        return path.hasPrefix("/v1/") ? .openAI : .ollama
    }
}
